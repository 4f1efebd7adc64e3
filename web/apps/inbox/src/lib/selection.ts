/** Which conversations of a list are chosen: some of them, or all of it but for some, loaded or not. */
import { createStore } from "./store";

export interface Selection {
  /** Of which list; another list has nothing chosen. */
  list: string;
  all: boolean;
  /** The chosen ones; with `all`, those that are not. */
  ids: ReadonlySet<string>;
  /** Where a stretch begins. */
  anchor: string | null;
  /** Where it ends so far. */
  edge: string | null;
}

export const NOTHING: Selection = { list: "", all: false, ids: new Set(), anchor: null, edge: null };

export const selection = createStore<Selection>(NOTHING);

/** What a service can do at once. */
export const MOST_AT_ONCE = 10_000;

export const isChosen = (now: Selection, id: string): boolean => now.ids.has(id) !== now.all;

export const anyChosen = (now: Selection): boolean => now.all || now.ids.size > 0;

/** What is chosen in this list; `nothing` when it was chosen in another. */
export const ofList = (now: Selection, list: string, nothing: Selection): Selection =>
  now.list === list ? now : nothing;

/** The same with every one of `ids` chosen, or none of them. */
function withAll(now: Selection, ids: readonly string[], chosen: boolean): Selection {
  const after = new Set(now.ids);
  for (const id of ids) {
    if (chosen === now.all) after.delete(id);
    else after.add(id);
  }
  return { ...now, ids: after };
}

export const toggled = (now: Selection, id: string): Selection => ({
  ...withAll(now, [id], !isChosen(now, id)),
  anchor: id,
  edge: null,
});

const between = (order: readonly string[], a: number, b: number): string[] =>
  order.slice(Math.min(a, b), Math.max(a, b) + 1);

/** Everything from the anchor to `id`, both included; what the stretch held before and holds no more is let go. */
export function stretched(now: Selection, id: string, order: readonly string[]): Selection {
  const from = now.anchor === null ? -1 : order.indexOf(now.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return toggled(now, id);
  const before = now.edge === null ? -1 : order.indexOf(now.edge);
  const without = before < 0 ? now : withAll(now, between(order, from, before), false);
  return { ...withAll(without, between(order, from, to), true), edge: id };
}

/** One row further in a direction; the first key chooses the row that is `at`. */
export function grown(now: Selection, step: 1 | -1, at: string, order: readonly string[]): Selection {
  if (now.anchor === null || !order.includes(now.anchor)) return toggled(now, at);
  const next = order[order.indexOf(now.edge ?? now.anchor) + step];
  return next === undefined ? now : stretched(now, next, order);
}

export const everything = (now: Selection): Selection => ({
  ...now,
  all: true,
  ids: new Set(),
  anchor: null,
  edge: null,
});

/** How many of a list of `total`; null when that is not known. */
export function howMany(now: Selection, total: number | null): number | null {
  if (!now.all) return now.ids.size;
  return total === null ? null : Math.max(0, total - now.ids.size);
}
