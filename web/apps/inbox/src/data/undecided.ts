/**
 * What was done here and is not answered yet: on its way, or waiting for the connection. A conversation is shown with
 * it, whatever an earlier answer or the live news say meanwhile.
 */
import { signedInId } from "@/api/client";
import type { ConversationRow } from "@/api/types";
import { aboutConversation, type DraftPlace } from "@/lib/draft-place";
import { createStore } from "@/lib/store";
import { listed, type Waiting } from "@/lib/waiting";

/** What waits, to be shown; entries that are on their way for the first time are not among it. */
export const queue = createStore<{ waiting: readonly Waiting[] }>({ waiting: [] });

/** On their way for the first time, or behind another one of the same conversation. */
export const underway = new Map<string, Waiting>();

/** Look again at what waits; another tab may have changed it. */
export function refreshQueue(): void {
  queue.set({ waiting: listed(signedInId()).filter((entry) => !underway.has(entry.key)) });
}

/** In the order in which it was done. */
const undecided = (wanted: (conversationId: string) => boolean): Waiting[] =>
  [...queue.get().waiting, ...underway.values()].filter(
    (entry) => wanted(entry.conversationId) && entry.agentId === signedInId(),
  );

/** Whether something written in this box waits still, or is on its way at this moment. */
export const waitsFor = ({ about, box }: DraftPlace): boolean =>
  undecided((id) => aboutConversation(id) === about).some((entry) => entry.written?.mode === box);

/** The row with what is not answered yet laid over what the server said. */
export function withUndecided(row: ConversationRow): ConversationRow {
  const { told = row.head, unread } = row;
  const changes = undecided((id) => id === told.id).flatMap(({ change }) => change ?? []);
  if (changes.length > 0) return { head: Object.assign({}, told, ...changes), told, unread };
  return row.told ? { head: told, unread } : row;
}
