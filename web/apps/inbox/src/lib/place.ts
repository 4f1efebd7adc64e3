/** Where the agent is: inbox, filter and conversation, all of it in the address. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { InboxKey, SortOrder, StatusFilter } from "@/api/types";
import { keep, recall } from "./keep";

export interface PlaceSearch {
  status?: StatusFilter;
  sort?: SortOrder;
}

export const STATUSES: readonly StatusFilter[] = ["open", "snoozed", "closed", "all"];
export const SORTS: readonly SortOrder[] = [
  "newest",
  "oldest",
  "started_first",
  "started_last",
  "waited_longest",
  "next_sla",
  "priority",
];

/** The filter part of an address; what isn't known is left out. */
export function readSearch(search: Record<string, unknown>): PlaceSearch {
  const status = STATUSES.find((each) => each === search.status);
  const sort = SORTS.find((each) => each === search.sort);
  return { ...(status && { status }), ...(sort && { sort }) };
}

export interface Place {
  inbox: InboxKey;
  conversationId: string | null;
  status: StatusFilter;
  sort: SortOrder;
  goInbox(inbox: InboxKey): void;
  open(id: string): void;
  back(): void;
  filter(change: PlaceSearch): void;
}

export function usePlace(): Place {
  const params = useParams({ strict: false });
  const search = useSearch({ strict: false }) as PlaceSearch;
  const navigate = useNavigate();
  const inbox = params.inbox ?? "mine";
  const conversationId = params.conversationId ?? null;
  return useMemo(() => {
    const to = conversationId ? "/inbox/$inbox/$conversationId" : "/inbox/$inbox";
    return {
      inbox,
      conversationId,
      status: search.status ?? "open",
      sort: search.sort ?? recall<SortOrder>("sort") ?? "newest",
      goInbox: (next) => void navigate({ to: "/inbox/$inbox", params: { inbox: next } }),
      open: (id) =>
        void navigate({
          to: "/inbox/$inbox/$conversationId",
          params: { inbox, conversationId: id },
          search,
        }),
      back: () => void navigate({ to: "/inbox/$inbox", params: { inbox }, search }),
      filter: (change) => {
        if (change.sort) keep("sort", change.sort);
        const params = { inbox, ...(conversationId && { conversationId }) };
        void navigate({ to, params, search: { ...search, ...change } });
      },
    };
  }, [inbox, conversationId, search, navigate]);
}
