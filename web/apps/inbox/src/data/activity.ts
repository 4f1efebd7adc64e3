/** What a person did in the brands' products. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { ContactActivities } from "@/api/contacts";
import { keys } from "./keys";

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
