/** A text cut where it is marked. Pure. */
import type { Mark } from "@/api/search";

interface Piece {
  at: number;
  text: string;
  marked: boolean;
}

/** In the text's order; marks that make no sense are left out, so that no letter is lost or shown twice. */
export function pieces(text: string, marks: readonly Mark[]): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  const take = (end: number, marked: boolean): void => {
    if (end > at) found.push({ at, text: text.slice(at, end), marked });
    at = Math.max(at, end);
  };
  for (const [start, end] of marks) {
    if (start < at || end <= start || end > text.length) continue;
    take(start, false);
    take(end, true);
  }
  take(text.length, false);
  return found;
}
