/** By how much the rows that somebody looks at have moved when a list changed. Pure. */
import type { ConversationRow } from "@/api/types";

/**
 * How many rows further down what stood in sight stands now, negative for up; `first` and `count`: of what was in sight
 * `before`. The first row that is still there and did not change itself tells: one with news may have gone to another
 * place by itself.
 */
export function shiftOf(
  before: readonly ConversationRow[],
  now: readonly ConversationRow[],
  first: number,
  count: number,
): number {
  const seen = before.slice(first, first + count + 1);
  for (const [n, row] of seen.entries()) {
    const at = now.indexOf(row);
    if (at >= 0) return at - first - n;
  }
  // All of them were answered anew.
  for (const [n, row] of seen.entries()) {
    const at = now.findIndex(({ head }) => head.id === row.head.id);
    if (at >= 0) return at - first - n;
  }
  return 0;
}
