/** Where the agent is: inbox, filter and conversation, all of it in the address. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Narrowing } from "@/api/lists";
import type { Channel, InboxKey, SortOrder, StatusFilter } from "@/api/types";
import { STATES } from "@/lib/links";

/** What the address says of the list. Empty ("", [], null) takes back what a view narrows to. */
export interface PlaceSearch extends Narrowing {
  status?: StatusFilter;
  sort?: SortOrder;
  /** What is looked for; "" when nothing yet. While it is there, search stands in place of the list. */
  find?: string | undefined;
  /** In this inbox alone. */
  here?: boolean | undefined;
}

export const CHANNELS: readonly Channel[] = ["email", "chat", "phone", "custom"];

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
  return { ...(status && { status }), ...(sort && { sort }), ...readNarrowing(search), ...readFind(search) };
}

/** The router reads "123" as a number and "true" as a truth: somebody looked for just that. */
function readFind({ find, here }: Record<string, unknown>): Pick<PlaceSearch, "find" | "here"> {
  if (find === undefined || find === null || typeof find === "object") return {};
  return { find: String(find).slice(0, MOST_FIND), ...(here === true && { here }) };
}

const MOST_FIND = 500;

const MOST_TAGS = 10;

function readNarrowing(search: Record<string, unknown>): Narrowing {
  const found: Narrowing = {};
  for (const name of ["brand", "team", "assignee", "topic"] as const) {
    const value = search[name];
    if (typeof value === "string" && value.length <= 200) found[name] = value;
  }
  const channel = CHANNELS.find((each) => each === search.channel);
  if (channel || search.channel === null) found.channel = channel ?? null;
  const ticket = STATES.find((each) => each === search.ticket);
  if (ticket || search.ticket === null) found.ticket = ticket ?? null;
  if (Array.isArray(search.tags)) {
    const tags = search.tags.filter((tag): tag is string => typeof tag === "string" && tag !== "");
    found.tags = tags.slice(0, MOST_TAGS);
  }
  if (typeof search.priority === "boolean" || search.priority === null) found.priority = search.priority;
  return found;
}

export interface Place {
  inbox: InboxKey;
  conversationId: string | null;
  /** What the address says; the rest is the view's or what is usual (`data/filter`). */
  search: PlaceSearch;
  goInbox(inbox: InboxKey): void;
  open(id: string): void;
  /** The same in its place: not a step to go back to. */
  replace(id: string): void;
  back(): void;
  filter(change: PlaceSearch): void;
  /** Look for something else; not a step to go back to. */
  find(text: string): void;
  /** As the inbox or view shows by itself. */
  unfilter(): void;
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
      search,
      goInbox: (next) => void navigate({ to: "/inbox/$inbox", params: { inbox: next } }),
      open: (id) =>
        void navigate({
          to: "/inbox/$inbox/$conversationId",
          params: { inbox, conversationId: id },
          search,
        }),
      replace: (id) =>
        void navigate({
          to: "/inbox/$inbox/$conversationId",
          params: { inbox, conversationId: id },
          search,
          replace: true,
        }),
      back: () => void navigate({ to: "/inbox/$inbox", params: { inbox }, search }),
      filter: (change) => {
        const params = { inbox, ...(conversationId && { conversationId }) };
        void navigate({ to, params, search: { ...search, ...change } });
      },
      find: (text) => {
        const params = { inbox, ...(conversationId && { conversationId }) };
        void navigate({ to, params, search: { ...search, find: text }, replace: true });
      },
      unfilter: () => void navigate({ to, params: { inbox, ...(conversationId && { conversationId }) } }),
    };
  }, [inbox, conversationId, search, navigate]);
}
