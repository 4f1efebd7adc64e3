/** Which list is looked at: the inbox or the saved view, and what the address changes of it. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Narrowing, View } from "@/api/lists";
import type { InboxKey, SortOrder } from "@/api/types";
import { recall } from "@/lib/keep";
import { type PlaceSearch, usePlace } from "@/lib/place";
import { isSame } from "@/lib/same";
import type { ListFilter } from "./membership";
import { viewIn, viewsQuery } from "./views";

export const NARROWING = [
  "brand",
  "team",
  "assignee",
  "tags",
  "channel",
  "topic",
  "priority",
  "ticket",
] as const;

/** What takes each field back, also where a view narrows to it. */
export const CLEARED: Required<Narrowing> = {
  brand: "",
  team: "",
  assignee: "",
  tags: [],
  channel: null,
  topic: "",
  priority: null,
  ticket: null,
};

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** The list, with only what narrows it. `kept` is the order that the agent chose last. */
export function filterOf(
  inbox: InboxKey,
  search: PlaceSearch,
  view: View | undefined,
  kept: SortOrder | null,
): ListFilter {
  const base: PlaceSearch & { inbox?: InboxKey } = view ? { ...view.filter, sort: view.sort } : {};
  const found: ListFilter = {
    inbox: view ? (base.inbox ?? "all") : inbox,
    status: search.status ?? base.status ?? "open",
    sort: search.sort ?? base.sort ?? kept ?? "newest",
  };
  for (const name of NARROWING) {
    const value = search[name] === undefined ? base[name] : search[name];
    if (!isEmpty(value)) Object.assign(found, { [name]: value });
  }
  return found;
}

export const isNarrowed = (filter: Narrowing): boolean => NARROWING.some((name) => !isEmpty(filter[name]));

/** Whether a list differs from what its inbox or view shows by itself, so that saving it makes sense. */
export function differs(filter: ListFilter, view: View | undefined): boolean {
  if (!view) return isNarrowed(filter) || filter.status !== "open";
  const own = filterOf(`view:${view.id}`, {}, view, null);
  return !isSame(sorted(own), sorted(filter));
}

const sorted = (filter: ListFilter): [string, unknown][] =>
  Object.entries(filter).sort(([a], [b]) => a.localeCompare(b));

interface Looked {
  filter: ListFilter;
  view: View | undefined;
  /** False while it is not known what a saved view shows. */
  known: boolean;
}

/** The list that the address names. */
export function useListFilter(): Looked {
  const { inbox, search } = usePlace();
  const ofView = inbox.startsWith("view:");
  const views = useQuery({ ...viewsQuery, enabled: ofView });
  const view = ofView ? viewIn(views.data, inbox) : undefined;
  return useMemo(
    () => ({
      filter: filterOf(inbox, search, view, recall<SortOrder>("sort")),
      view,
      known: !ofView || view !== undefined,
    }),
    [inbox, search, view, ofView],
  );
}
