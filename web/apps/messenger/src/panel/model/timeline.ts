/** The messages a visitor has, in the order they happened, each once. Pure. */

export interface Attachment {
  id: string;
  name: string;
  content_type: string;
  size_bytes: number;
  url?: string;
}

/** tickets' ChatMessage, with the conversation it stands in. */
export interface Entry {
  entry_id: string;
  conversation_id: string;
  direction: "in" | "out";
  author_name: string;
  text: string;
  html: string | null;
  attachments: readonly Attachment[];
  at: string;
}

/** Both lists together: one per entry_id (the newer copy, whose links live longer), by time; ties keep their order. */
export function merge(known: readonly Entry[], more: readonly Entry[]): Entry[] {
  const byId = new Map<string, Entry>();
  for (const entry of [...known, ...more]) byId.set(entry.entry_id, entry);
  return [...byId.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** How many answers came after what was last read (ISO time, "" for never). */
export function unread(entries: readonly Entry[], readAt: string): number {
  const read = readAt ? Date.parse(readAt) : 0;
  return entries.filter((entry) => entry.direction === "out" && Date.parse(entry.at) > read).length;
}

/** Who answered, latest first, each once; at most `limit`. */
export function people(entries: readonly Entry[], limit = 3): string[] {
  const names = entries
    .filter((entry) => entry.direction === "out" && entry.author_name)
    .map((e) => e.author_name);
  return [...new Set(names.reverse())].slice(0, limit);
}

/** Whether two messages stand in different days of the reader's calendar. */
export function newDay(before: string | null, at: string): boolean {
  return before === null || new Date(before).toDateString() !== new Date(at).toDateString();
}
