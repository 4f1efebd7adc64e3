/** Changing the loaded pages of a list when a conversation changed. Pure. */
import type { ConversationPage, ConversationRow, Head } from "@/api/types";

type Pages = ConversationPage[];

export const rowsOf = (pages: Pages): ConversationRow[] => pages.flatMap((page) => page.items);

function spread(pages: Pages, rows: ConversationRow[], totalChange: number): Pages {
  let from = 0;
  return pages.map((page, index) => {
    const last = index === pages.length - 1;
    const to = last ? rows.length : from + page.items.length;
    const items = rows.slice(from, to);
    from = to;
    return { ...page, items, total: Math.max(0, page.total + totalChange) };
  });
}

/**
 * The pages with `row` where it now belongs, or without it when `stays` is false. A row whose place lies
 * after the last loaded one is left to be loaded. Older news than what is shown changes nothing.
 */
export function placeRow(
  pages: Pages,
  row: ConversationRow,
  stays: boolean,
  order: (a: Head, b: Head) => number,
): Pages {
  const rows = rowsOf(pages);
  const at = rows.findIndex((each) => each.head.id === row.head.id);
  const before = rows[at];
  if (before && before.head.seq > row.head.seq) return pages;
  if (!before && !stays) return pages;
  const others = before ? rows.filter((_, index) => index !== at) : rows;
  if (!stays) return spread(pages, others, -1);
  const after = others.findIndex((each) => order(row.head, each.head) < 0);
  const complete = pages.at(-1)?.next_cursor == null;
  if (after === -1 && !complete) return before ? spread(pages, others, 0) : pages;
  const place = after === -1 ? others.length : after;
  const placed = [...others.slice(0, place), row, ...others.slice(place)];
  return spread(pages, placed, before ? 0 : 1);
}

/** The pages with one row's read mark changed in place. */
export function markRow(pages: Pages, id: string, unread: boolean): Pages {
  return pages.map((page) =>
    page.items.some((row) => row.head.id === id && row.unread !== unread)
      ? { ...page, items: page.items.map((row) => (row.head.id === id ? { ...row, unread } : row)) }
      : page,
  );
}
