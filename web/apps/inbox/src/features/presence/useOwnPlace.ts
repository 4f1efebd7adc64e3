import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Availability } from "@/api/people";
import { setPlace } from "@/data/availability";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
/** Told once in the life of a window; a refusal is no reason to ask again and again. */
const told = new WeakSet<QueryClient>();

/** Where this window's clock is becomes the agent's place, hidden as before. */
export function useOwnPlace(mine: Availability | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!mine || !HERE || mine.time_zone === HERE || told.has(client)) return;
    told.add(client);
    setPlace(client, mine.agent_id, HERE, mine.hides_location ?? false).catch(() => undefined);
  }, [client, mine]);
}

export const placeHere = (mine: Availability | undefined): string => mine?.time_zone || HERE || "UTC";
