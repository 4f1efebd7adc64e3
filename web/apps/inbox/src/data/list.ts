/** The conversations of one inbox, page by page. */
import { infiniteQueryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { ConversationPage } from "@/api/types";
import { keys } from "./keys";
import type { ListFilter } from "./membership";
import { readList } from "./reads";

const PAGE_SIZE = 50;

/** As the service reads it: each tag by itself. */
export function addressOf({ tags, ...filter }: ListFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  for (const tag of tags ?? []) query.append("tag", tag);
  return query;
}

function fetchPage(filter: ListFilter, cursor: string, signal: AbortSignal): Promise<ConversationPage> {
  const query = addressOf(filter);
  query.set("limit", String(PAGE_SIZE));
  if (cursor) query.set("cursor", cursor);
  return call<ConversationPage>(`/api/tickets/conversations?${query}`, { signal });
}

export const listQuery = (filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: keys.list(filter),
    queryFn: ({ pageParam, signal }) => fetchPage(filter, pageParam, signal),
    structuralSharing: readList,
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 30_000,
  });
