/** Changing the loaded pages of a list when a conversation changed. Pure. */
import type { ConversationPage, ConversationRow, Head } from "@/api/types";

type Pages = ConversationPage[];

export const rowsOf = (pages: Pages): ConversationRow[] => pages.flatMap((page) => page.items);

const without = (page: ConversationPage, id: string): ConversationPage => ({
  ...page,
  items: page.items.filter((each) => each.head.id !== id),
});

/** Each page as it is, but for its total, which is of the whole list. */
const counted = (pages: Pages, change: number): Pages =>
  change === 0
    ? pages
    : pages.map((page) => ({
        ...page,
        total: page.total === null ? null : Math.max(0, page.total + change),
      }));

/** The page that `row` belongs to: the first that ends behind it; -1 when none does. */
const pageOf = (pages: Pages, head: Head, order: (a: Head, b: Head) => number): number =>
  pages.findIndex(({ items }) => {
    const last = items.at(-1);
    return last !== undefined && order(head, last.head) < 0;
  });

function inserted(
  page: ConversationPage,
  row: ConversationRow,
  order: (a: Head, b: Head) => number,
): ConversationPage {
  const after = page.items.findIndex((each) => order(row.head, each.head) < 0);
  const at = after === -1 ? page.items.length : after;
  return { ...page, items: [...page.items.slice(0, at), row, ...page.items.slice(at)] };
}

/**
 * The pages with `row` where it now belongs, or without it when `stays` is false. A row whose place lies
 * after the last loaded one is left to be loaded. Older news than what is shown changes nothing. Pages may grow and
 * shrink; the others stay the same objects, so that news costs a list of 100,000 rows no more than a short one.
 *
 * A row that is not among the loaded ones may be in the list all the same, further down: unless all are loaded it is
 * `wasIn` that says so, by what was known of it before. Where nothing was, the total stays, as it would otherwise grow
 * with every answer to an old conversation.
 */
export function placeRow(
  pages: Pages,
  row: ConversationRow,
  stays: boolean,
  order: (a: Head, b: Head) => number,
  wasIn?: boolean,
): Pages {
  const { id, seq } = row.head;
  const isIt = (each: ConversationRow): boolean => each.head.id === id;
  // Pages that were asked for at different moments may each hold it.
  const before = pages.flatMap((page) => page.items.find(isIt) ?? []);
  if (before.some(({ head }) => head.seq > seq)) return pages;
  const complete = pages.at(-1)?.next_cursor == null;
  const was = before.length > 0 || (complete ? false : (wasIn ?? stays));
  const change = Number(stays) - Number(was);
  if (before.length === 0 && !stays) return counted(pages, change);
  const others = before.length
    ? pages.map((page) => (page.items.some(isIt) ? without(page, id) : page))
    : pages;
  if (!stays) return counted(others, change);
  const behind = pageOf(others, row.head, order);
  if (behind === -1 && !complete) return counted(others, change);
  const to = behind === -1 ? others.length - 1 : behind;
  const placed = others.map((page, index) => (index === to ? inserted(page, row, order) : page));
  return counted(placed, change);
}

/** The pages with one row's read mark changed in place. */
export function markRow(pages: Pages, id: string, unread: boolean): Pages {
  return pages.map((page) =>
    page.items.some((row) => row.head.id === id && row.unread !== unread)
      ? { ...page, items: page.items.map((row) => (row.head.id === id ? { ...row, unread } : row)) }
      : page,
  );
}
