/** The JSON shapes of search. */
import type { Head } from "./types";

/** [start, end) of what was found, as the browser counts characters. */
export type Mark = [number, number];

export interface SearchHit {
  kind: "message" | "note" | "call" | "news" | "side";
  entry_id: string;
  seq: number;
  at: string;
  direction: string;
  by: string;
  text: string;
  marks: Mark[];
}

/** The name of something that a conversation was found by; a subject only when it is another mail’s. */
export interface SearchAbout {
  kind: "topic" | "link" | "file" | "subject";
  text: string;
  marks: Mark[];
}

export interface SearchItem {
  head: Head;
  unread: boolean;
  name_marks: Mark[];
  subject_marks: Mark[];
  about: SearchAbout[];
  hits: SearchHit[];
}

/** `total` comes with the first page. */
export interface SearchItems {
  items: SearchItem[];
  next_cursor: string | null;
  total: number | null;
}
