/** Search: pages of hits, and the people who are meant as well. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { ContactPage } from "@/api/contacts";
import type { SearchItems } from "@/api/search";
import { keys } from "./keys";

export const MOST_CHARS = 500;
const PEOPLE = 3;

export interface SearchFilter {
  text: string;
  inbox: string;
}

const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

function path(filter: SearchFilter, cursor: string | null): string {
  const query = new URLSearchParams({ q: filter.text, inbox: filter.inbox, zone: zone() });
  if (cursor) query.set("cursor", cursor);
  return `/api/tickets/search?${query}`;
}

export const searchQuery = (filter: SearchFilter) =>
  infiniteQueryOptions({
    queryKey: keys.search(filter),
    queryFn: ({ pageParam, signal }) => call<SearchItems>(path(filter, pageParam), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 5_000,
    retry: false,
  });

/** Contacts that are called so; only of plain words, as operators are about conversations. */
export const peopleQuery = (text: string) =>
  queryOptions({
    queryKey: keys.searchPeople(text),
    queryFn: ({ signal }) =>
      call<ContactPage>(`/api/tickets/contacts?${new URLSearchParams({ q: text, limit: `${PEOPLE}` })}`, {
        signal,
      }),
    staleTime: 30_000,
    retry: false,
  });
