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

export interface SearchItem {
  head: Head;
  unread: boolean;
  name_marks: Mark[];
  subject_marks: Mark[];
  hits: SearchHit[];
}

/** `total` comes with the first page. */
export interface SearchItems {
  items: SearchItem[];
  next_cursor: string | null;
  total: number | null;
}
