/** News about a conversation, written into whatever is cached of it. The only place where that happens. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ConversationPage, ConversationRow, Head, TimelineEntry, TimelinePage } from "@/api/types";
import { soon } from "@/lib/soon";
import { keys } from "./keys";
import { belongs, inOrder, type ListFilter } from "./membership";
import { markRow, placeRow } from "./pages";
import { patchQuery } from "./patch-query";
import { forgetRead, rememberRead } from "./reads";
import { continues, withEntries } from "./timeline";
import { withUndecided } from "./undecided";

type Lists = InfiniteData<ConversationPage, string>;

/** What is known of a conversation, from its own query or any list. */
export function knownRow(client: QueryClient, id: string): ConversationRow | undefined {
  const own = client.getQueryData<ConversationRow>(keys.conversation(id));
  if (own) return own;
  for (const [, data] of client.getQueriesData<Lists>({ queryKey: keys.lists })) {
    for (const page of data?.pages ?? []) {
      const row = page.items.find((each) => each.head.id === id);
      if (row) return row;
    }
  }
  return undefined;
}

/**
 * Show what was `told` everywhere; `unread` undefined, or news that is known, leaves the read mark as it was. `isNew`: with it
 * the conversation began, so that it was in no list before.
 */
export function patchHead(
  client: QueryClient,
  told: Head,
  agentId: string,
  unread?: boolean,
  isNew = false,
): void {
  const before = knownRow(client, told.id);
  // Late news changes nothing, but that what it answers is decided.
  const late = before && before.head.seq > told.seq ? before : undefined;
  if (late && !late.told) return;
  const news = before?.head.seq === told.seq ? undefined : unread;
  const row = withUndecided(late ?? { head: told, unread: news ?? before?.unread ?? false });
  const { head } = row;
  if (client.getQueryData(keys.conversation(head.id)))
    patchQuery(client, keys.conversation(head.id), () => row);
  for (const [key, data] of client.getQueriesData<Lists>({ queryKey: keys.lists })) {
    const filter = key[1] as ListFilter;
    if (!data) continue;
    const was = before ? belongs(before.head, filter, agentId) : isNew ? false : undefined;
    const pages = placeRow(data.pages, row, belongs(head, filter, agentId), inOrder(filter.sort), was);
    if (pages !== data.pages) patchQuery<Lists>(client, key, () => ({ ...data, pages }));
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
  const items = withEntries(shown.items, entries);
  patchQuery<TimelinePage>(client, keys.timeline(id), () => ({ ...shown, items }));
}

/** `seq`: read up to there, so that an answer of before it was read doesn't say otherwise. */
export function patchRead(client: QueryClient, id: string, seq: number | null): void {
  const unread = seq === null;
  if (unread) forgetRead(id);
  else rememberRead(id, seq);
  patchQuery<ConversationRow>(client, keys.conversation(id), (row) => row && { ...row, unread });
  for (const [key, data] of client.getQueriesData<Lists>({ queryKey: keys.lists })) {
    if (data) patchQuery<Lists>(client, key, () => ({ ...data, pages: markRow(data.pages, id, unread) }));
  }
}

/** A list of more pages is left to the live news: asking for all of them again would take long and show nothing new. */
const PAGES_AGAIN = 10;

/** Ask for the lists again, as after many changes at once. */
export function refreshLists(client: QueryClient): void {
  const isShort = (pages: number | undefined): boolean => (pages ?? 0) <= PAGES_AGAIN;
  void client.invalidateQueries({
    queryKey: keys.lists,
    predicate: (query) => isShort((query.state.data as Lists | undefined)?.pages.length),
  });
}

const DASHBOARD_MS = 1000;

/** Ask for the dashboard again, where it is shown: a second after the news, and not more often. */
export const refreshDashboard = soon<QueryClient>(DASHBOARD_MS, (client) => {
  void client.invalidateQueries({ queryKey: keys.dashboard });
});

const COUNTS_SOON_MS = 400;
const COUNTS_AGAIN_MS = 3000;
/** For each client whose counts will be asked for: whether something has changed since that was decided. */
const countsChanged = new WeakMap<QueryClient, boolean>();

/**
 * Ask for the counts again soon, and once more when it is quiet: on a large desk they are half a second old. Many
 * changes in a row neither ask each time nor put it off for ever.
 */
export function refreshCounts(client: QueryClient): void {
  if (countsChanged.has(client)) countsChanged.set(client, true);
  else askForCounts(client, COUNTS_SOON_MS, true);
}

function askForCounts(client: QueryClient, delay_ms: number, again: boolean): void {
  countsChanged.set(client, false);
  setTimeout(() => {
    void client.invalidateQueries({ queryKey: keys.inboxes });
    const changed = countsChanged.get(client) ?? false;
    countsChanged.delete(client);
    if (again || changed) askForCounts(client, COUNTS_AGAIN_MS, changed);
  }, delay_ms);
}
