/**
 * What the visitor wrote and we have not yet seen on the timeline. Pure: says what to send next and what an
 * answer means; sending, waiting and keeping are elsewhere. `client_id` makes a second sending harmless.
 */

import type { Attachment, Entry } from "./timeline";

export type Step = "queued" | "sending" | "sent" | "failed";

export interface Item {
  client_id: string;
  session_id: string;
  text: string;
  attachments: readonly Attachment[];
  written_at: string;
  step: Step;
  tries: number;
  /** Set once accepted. */
  entry_id?: string;
  conversation_id?: string;
  /** Why it was refused, as the server put it. */
  reason?: string;
}

/** Automatic tries before the visitor is asked; with the waits below about half a minute. */
export const MAX_TRIES = 5;

/** What goes out now: the oldest that waits, unless one is on its way (order is kept by sending one at a time). */
export function next(items: readonly Item[]): Item | null {
  if (items.some((item) => item.step === "sending")) return null;
  return items.find((item) => item.step === "queued") ?? null;
}

export function change(items: readonly Item[], clientId: string, by: Partial<Item>): Item[] {
  return items.map((item) => (item.client_id === clientId ? { ...item, ...by } : item));
}

/** After a try without an answer, or with one that asks for patience: again, or the visitor decides. */
export function afterTrouble(item: Item): Partial<Item> {
  const tries = item.tries + 1;
  return tries >= MAX_TRIES ? { step: "failed", tries } : { step: "queued", tries };
}

/** Milliseconds before the next try; `random` 0–1 spreads visitors out after an outage. */
export function backoffMs(tries: number, random: number, longestMs = 30_000): number {
  return Math.min(longestMs, 1000 * 2 ** Math.max(0, tries - 1)) * (0.5 + random / 2);
}

/** Without those that the timeline has by now. */
export function unseen(items: readonly Item[], entries: readonly Entry[]): Item[] {
  const there = new Set(entries.map((entry) => entry.entry_id));
  return items.filter((item) => !item.entry_id || !there.has(item.entry_id));
}

/** As found in the browser's storage after a reload: what was on its way is sent again. */
export function restored(items: readonly Item[]): Item[] {
  return items
    .map((item): Item => (item.step === "sending" ? { ...item, step: "queued" } : item))
    .sort((a, b) => Date.parse(a.written_at) - Date.parse(b.written_at));
}
