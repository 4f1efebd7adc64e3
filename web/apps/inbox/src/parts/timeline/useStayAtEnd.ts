import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** How near to the end counts as "at the end", in px. */
const NEAR_PX = 90;

/** The last that somebody said, and whether it was oneself; `seq` 0: nobody said anything. */
export interface LastWords {
  seq: number;
  own: boolean;
}

interface AtEnd {
  scroller: RefObject<HTMLElement | null>;
  content: RefObject<HTMLDivElement | null>;
  unseen: boolean;
  toEnd: () => void;
  onScroll: () => void;
}

/** At the end: follow it, also when images or frames grow. Scrolled up: stay, and say that there is news. */
export function useStayAtEnd(last: LastWords): AtEnd {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const seen = useRef(0);
  const [unseen, setUnseen] = useState(false);
  const toEnd = useCallback((): void => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    follows.current = true;
    setUnseen(false);
  }, []);
  const onScroll = useCallback((): void => {
    const element = scroller.current;
    if (!element) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    if (follows.current) setUnseen(false);
  }, []);
  useLayoutEffect(() => {
    if (follows.current || last.own) toEnd();
    else if (seen.current && last.seq > seen.current) setUnseen(true);
    seen.current = last.seq;
  }, [last.seq, last.own, toEnd]);
  useEffect(() => {
    const grown = new ResizeObserver(() => follows.current && toEnd());
    if (content.current) grown.observe(content.current);
    if (scroller.current) grown.observe(scroller.current);
    return () => grown.disconnect();
  }, [toEnd]);
  return { scroller, content, unseen, toEnd, onScroll };
}
