/** How the agent arranged a part of the screen: kept on the server, the same on every device. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call, signedInId } from "@/api/client";
import type { Sidebar } from "@/api/lists";
import { keep, recall } from "@/lib/keep";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";

/** The apps beside a conversation; the tools under what is written. */
export type Place = "panel" | "toolbar";

const pathOf = (place: Place): string => `/api/tickets/preferences/${place}`;

/** The last known one stands in, so that nothing jumps when the server's comes. */
const lastName = (place: Place): string => `${place}.${signedInId()}`;

export const arrangementQuery = (place: Place) =>
  queryOptions({
    queryKey: keys.arrangement(place),
    queryFn: async ({ signal }) => {
      const found = await call<Sidebar>(pathOf(place), { signal });
      keep(lastName(place), found);
      return found;
    },
    placeholderData: () => recall<Sidebar>(lastName(place)) ?? undefined,
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  });

/** Shown at once, and put back when it could not be kept (throws). */
export async function putArrangement(
  client: QueryClient,
  place: Place,
  wanted: Pick<Sidebar, "pinned" | "unpinned">,
): Promise<void> {
  const shown: Sidebar = { ...wanted, changed: true };
  await showWhileKept<Sidebar>(
    client,
    keys.arrangement(place),
    () => shown,
    () => call<void>(pathOf(place), { method: "PUT", body: wanted, keepalive: true }),
  );
  keep(lastName(place), shown);
}
