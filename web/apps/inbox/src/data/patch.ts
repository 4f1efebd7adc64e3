/** News about a conversation, written into whatever is cached of it. The only place where that happens. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ConversationPage, ConversationRow, Head, TimelineEntry, TimelinePage } from "@/api/types";
import { keys } from "./keys";
import { belongs, inOrder, type ListFilter } from "./membership";
import { markRow, placeRow, rowsOf } from "./pages";
import { continues, withEntries } from "./timeline";

type Lists = InfiniteData<ConversationPage, string>;

/** What is known of a conversation, from its own query or any list. */
export function knownRow(client: QueryClient, id: string): ConversationRow | undefined {
  const own = client.getQueryData<ConversationRow>(keys.conversation(id));
  if (own) return own;
  for (const [, data] of client.getQueriesData<Lists>({ queryKey: keys.lists })) {
    const row = data && rowsOf(data.pages).find((each) => each.head.id === id);
    if (row) return row;
  }
  return undefined;
}

/** Show `head` everywhere; `unread` undefined leaves the read mark as it was. */
export function patchHead(client: QueryClient, head: Head, agentId: string, unread?: boolean): void {
  const before = knownRow(client, head.id);
  if (before && before.head.seq > head.seq) return;
  const row: ConversationRow = { head, unread: unread ?? before?.unread ?? false };
  if (client.getQueryData(keys.conversation(head.id))) client.setQueryData(keys.conversation(head.id), row);
  for (const [key, data] of client.getQueriesData<Lists>({ queryKey: keys.lists })) {
    const filter = key[1] as ListFilter;
    if (!data) continue;
    const pages = placeRow(data.pages, row, belongs(head, filter, agentId), inOrder(filter.sort));
    if (pages !== data.pages) client.setQueryData<Lists>(key, { ...data, pages });
  }
}

/** Add entries to a shown timeline; where some between are missing, fetch it again. */
export function patchTimeline(client: QueryClient, id: string, entries: readonly TimelineEntry[]): void {
  const shown = client.getQueryData<TimelinePage>(keys.timeline(id));
  if (!shown || entries.length === 0) return;
  if (!continues(shown.items, entries)) {
    void client.invalidateQueries({ queryKey: keys.timeline(id) });
    return;
  }
  client.setQueryData<TimelinePage>(keys.timeline(id), {
    ...shown,
    items: withEntries(shown.items, entries),
  });
}

export function patchRead(client: QueryClient, id: string, unread: boolean): void {
  client.setQueryData<ConversationRow>(keys.conversation(id), (row) => row && { ...row, unread });
  for (const [key, data] of client.getQueriesData<Lists>({ queryKey: keys.lists })) {
    if (data) client.setQueryData<Lists>(key, { ...data, pages: markRow(data.pages, id, unread) });
  }
}

let countsTimer: ReturnType<typeof setTimeout> | undefined;

/** Ask for the counts again soon; many changes in a row ask once. */
export function refreshCounts(client: QueryClient, delay_ms = 400): void {
  clearTimeout(countsTimer);
  countsTimer = setTimeout(() => void client.invalidateQueries({ queryKey: keys.inboxes }), delay_ms);
}
