/** What a person did in the brands' products. */
import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { ContactActivities } from "@/api/contacts";
import { LET_ANSWER, soon } from "@/lib/soon";
import { keys } from "./keys";

const SOON_MS = 1000;

/** Somebody did something: whoever is shown may be the one. */
export const activityHeard = soon<QueryClient>(
  SOON_MS,
  (client) => void client.invalidateQueries({ queryKey: keys.contactActivities }, LET_ANSWER),
);

/** The newest `limit`. Most of it is told to no screen, so it is asked for now and then. */
export const contactActivityQuery = (id: string, limit: number) =>
  queryOptions({
    queryKey: keys.contactActivity(id, limit),
    queryFn: ({ signal }) => {
      const path = `/api/tickets/contacts/${encodeURIComponent(id)}/activity?limit=${limit}`;
      return call<ContactActivities>(path, { signal });
    },
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    refetchInterval: 30_000,
  });
