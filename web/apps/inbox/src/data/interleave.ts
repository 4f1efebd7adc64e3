/** Several timelines as one, by time: a conversation's own, and those of what was merged into it. Pure. */
import type { TimelineEntry, TimelinePage } from "@/api/types";

export interface Stream {
  id: string;
  page: TimelinePage;
}

const time = (entry: TimelineEntry): number => Date.parse(entry.at);

/** The stream whose unseen past is the nearest: before its first entry nothing can be shown yet. */
export function nearest(streams: readonly Stream[]): Stream | null {
  let found: Stream | null = null;
  for (const stream of streams) {
    const first = stream.page.items[0];
    if (!stream.page.has_more || !first) continue;
    const before = found?.page.items[0];
    if (!before || time(first) > time(before)) found = stream;
  }
  return found;
}

/** The first is the conversation's own. Of the others each entry says which conversation it is of; what only says that
 *  they were merged is left out, as the own one says it too. */
export function interleave(streams: readonly Stream[]): TimelineEntry[] {
  const [own, ...others] = streams;
  if (!own) return [];
  if (others.length === 0) return own.page.items;
  const from = nearest(streams)?.page.items[0];
  const all = others.flatMap(({ id, page }) =>
    page.items
      .filter((entry) => entry.type !== "Merged" && entry.type !== "Unmerged")
      .map((entry): TimelineEntry => ({ ...entry, of: id })),
  );
  return [...own.page.items, ...all]
    .filter((entry) => !from || time(entry) >= time(from))
    .sort((a, b) => time(a) - time(b));
}
