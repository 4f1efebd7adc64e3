import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef } from "react";

const AHEAD = 12;

interface VirtualRows {
  scroll: RefObject<HTMLDivElement | null>;
  virtual: Virtualizer<HTMLDivElement, Element>;
}

/** Only the rows in sight are in the page; `more` is called before the last one comes into it. */
export function useVirtualRows(count: number, rowPx: number, more: (() => void) | null): VirtualRows {
  const scroll = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan: 8,
  });
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= count - AHEAD) more();
  }, [more, last, count]);
  return { scroll, virtual };
}
