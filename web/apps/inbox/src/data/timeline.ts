/** One conversation and its timeline; the newest entries first come, earlier ones on request. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { ConversationRow, TimelineEntry, TimelinePage } from "@/api/types";
import { nearest, type Stream } from "./interleave";
import { keys } from "./keys";
import { patchQuery } from "./patch-query";
import { readRow } from "./reads";

const PAGE_SIZE = 100;

const path = (id: string): string => `/api/tickets/conversations/${encodeURIComponent(id)}`;

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: keys.conversation(id),
    queryFn: ({ signal }) => call<ConversationRow>(path(id), { signal }),
    structuralSharing: readRow,
    staleTime: 30_000,
  });

/** The latest page, or the one before `beforeSeq`. */
function fetchPage(id: string, beforeSeq: number | null, signal?: AbortSignal): Promise<TimelinePage> {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  if (beforeSeq !== null) query.set("before_seq", String(beforeSeq));
  return call<TimelinePage>(`${path(id)}/timeline?${query}`, { signal });
}

export const timelineQuery = (id: string) =>
  queryOptions({
    queryKey: keys.timeline(id),
    queryFn: ({ signal }) => fetchPage(id, null, signal),
    staleTime: 30_000,
  });

/** The past that comes next, of a conversation and of those that were merged into it. */
export async function loadEarlierOf(client: QueryClient, streams: readonly Stream[]): Promise<void> {
  const next = nearest(streams);
  if (next) await loadEarlier(client, next.id);
}

/** Put the entries before the first shown one in front of it. */
export async function loadEarlier(client: QueryClient, id: string): Promise<void> {
  const shown = client.getQueryData<TimelinePage>(keys.timeline(id));
  const first = shown?.items[0];
  if (!shown?.has_more || !first) return;
  const earlier = await fetchPage(id, first.seq);
  patchQuery<TimelinePage>(
    client,
    keys.timeline(id),
    (now) => now && { items: withEntries(now.items, earlier.items), has_more: earlier.has_more },
  );
}

/** Both, in order of seq, each once. */
export function withEntries(shown: TimelineEntry[], more: readonly TimelineEntry[]): TimelineEntry[] {
  const known = new Set(shown.map((entry) => entry.seq));
  const fresh = more.filter((entry) => !known.has(entry.seq));
  return fresh.length ? [...shown, ...fresh].sort((a, b) => a.seq - b.seq) : shown;
}

/** Whether `more` continues what is shown without a hole. */
export function continues(shown: readonly TimelineEntry[], more: readonly TimelineEntry[]): boolean {
  const last = shown.at(-1)?.seq ?? 0;
  const first = Math.min(...more.map((entry) => entry.seq));
  return more.length === 0 || first <= last + 1;
}
