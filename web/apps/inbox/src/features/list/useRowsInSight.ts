import { defaultRangeExtractor, type Range, useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { ConversationRow } from "@/api/types";
import { shiftOf } from "./shift";

/** Rows around those in sight that are in the page too. */
const AROUND = 8;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 25;

/** Where each list was scrolled to, so that coming back shows the same rows. */
const scrollPlaces = new Map<string, number>();

interface Wanted {
  /** Of the list, with its filters. */
  name: string;
  rows: ConversationRow[];
  rowPx: number;
  /** What stands above the rows and stays there. */
  headPx: number;
  more: (() => void) | null;
  /** The one that is open: shown once it is opened, and then left where one scrolls it to. */
  openId: string | null;
}

interface InSight {
  scroller: RefObject<HTMLDivElement | null>;
  virtual: Virtualizer<HTMLDivElement, Element>;
  /** Of the one that is open; -1: it is not in the list. */
  openAt: number;
  /** For the scroller. */
  follow: {
    onScroll: (event: { currentTarget: HTMLElement }) => void;
    onFocus: (event: FocusEvent) => void;
    onBlur: () => void;
  };
}

const useIndexOf = (rows: ConversationRow[], id: string | null): number =>
  useMemo(() => (id === null ? -1 : rows.findIndex((row) => row.head.id === id)), [rows, id]);

/**
 * The rows of a list of any length that have to be in the page. One with the focus is among them wherever it is: taken
 * away, it would take the focus along, and the keys that scroll with it.
 */
export function useRowsInSight({ name, rows, rowPx, headPx, more, openId }: Wanted): InSight {
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const focusedAt = useIndexOf(rows, focused);
  // The same until the rows are others: with each new one the places of all of them are counted again.
  const getItemKey = useCallback((index: number) => rows[index]?.head.id ?? index, [rows]);
  const rangeExtractor = useCallback(
    (range: Range) => withOne(defaultRangeExtractor(range), focusedAt),
    [focusedAt],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey,
    rangeExtractor,
    overscan: AROUND,
    initialOffset: scrollPlaces.get(name) ?? 0,
    scrollMargin: headPx,
    scrollPaddingStart: headPx,
  });
  const lastShown = (virtual.range?.endIndex ?? 0) + AROUND;
  useEffect(() => {
    if (more && lastShown >= rows.length - AHEAD) more();
  }, [more, lastShown, rows.length]);

  const before = useRef(rows);
  useLayoutEffect(() => {
    const was = before.current;
    before.current = rows;
    // Of before the rows changed. At the very top one waits for what comes.
    const top = virtual.scrollOffset ?? 0;
    const box = scroller.current;
    if (!box || was === rows || top <= 0) return;
    const shift = shiftOf(was, rows, Math.floor(top / rowPx), Math.ceil(box.clientHeight / rowPx));
    if (shift !== 0) box.scrollTop = top + shift * rowPx;
  }, [rows, rowPx, virtual]);

  const openAt = useIndexOf(rows, openId);
  const shownId = useRef<string | null>(null);
  useEffect(() => {
    if (openId === null) shownId.current = null;
    if (openAt < 0 || shownId.current === openId) return;
    shownId.current = openId;
    virtual.scrollToIndex(openAt, { align: "auto" });
  }, [openAt, openId, virtual]);

  const follow = {
    onScroll: (event: { currentTarget: HTMLElement }) => {
      scrollPlaces.set(name, event.currentTarget.scrollTop);
    },
    onFocus: ({ target }: FocusEvent) =>
      setFocused(target.closest("[data-row]")?.getAttribute("data-row") ?? null),
    onBlur: () => setFocused(null),
  };
  return { scroller, virtual, openAt, follow };
}

function withOne(indexes: number[], one: number): number[] {
  if (one < 0 || indexes.includes(one)) return indexes;
  return one < (indexes[0] ?? 0) ? [one, ...indexes] : [...indexes, one];
}
