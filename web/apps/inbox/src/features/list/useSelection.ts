import { useCallback, useEffect, useMemo, useRef } from "react";
import type { ConversationRow } from "@/api/types";
import { isElsewhere, useKeys } from "@/lib/keys";
import { usePlace } from "@/lib/place";
import {
  anyChosen,
  everything,
  grown,
  NOTHING,
  ofList,
  type Selection,
  selection,
  stretched,
  toggled,
} from "@/lib/selection";
import { useStore } from "@/lib/store";

export interface Selecting {
  now: Selection;
  /** `stretch`: from where the last one was chosen up to here. */
  choose(id: string, stretch: boolean): void;
  all(): void;
  nothing(): void;
  /** As it `was`, where nothing else is chosen by now. */
  putBack(was: Selection): void;
  /** The row that the pointer is over. */
  hover(id: string | null): void;
  /** The pointer was moved, or the rows under it: the key x is about the one that it is over. */
  point(): void;
}

/** What is chosen in this list, by boxes, clicks and keys: x, shift and arrows, Ctrl or Cmd A, Esc. */
export function useSelection(list: string, rows: readonly ConversationRow[], may: boolean): Selecting {
  const now = useStore(selection, (state) => ofList(state, list, NOTHING));
  const place = usePlace();
  const open = place.conversationId;
  const hovered = useRef<string | null>(null);
  const isPointing = useRef(false);
  /** The row that was opened or focused last: a focus that a click left behind is not where one is after j or k. */
  const reached = useRef(open);
  const latest = useRef({ rows, open });
  latest.current = { rows, open };
  const reach = useCallback((id: string | null): void => {
    reached.current = id;
    // Rows that j and k scroll by below a pointer that rests were not moved to.
    isPointing.current = false;
  }, []);
  useEffect(() => reach(open), [open, reach]);
  const acts = useMemo((): Omit<Selecting, "now"> => {
    const change = (make: (now: Selection, order: string[]) => Selection): void => {
      const order = latest.current.rows.map((row) => row.head.id);
      selection.set({ ...make(ofList(selection.get(), list, NOTHING), order), list });
    };
    return {
      choose: (id, stretch) =>
        change((was, order) => (stretch ? stretched(was, id, order) : toggled(was, id))),
      all: () => change(everything),
      nothing: () => change(() => NOTHING),
      putBack: (was) => {
        const is = selection.get();
        if (is.list === list && !anyChosen(is)) selection.set(was);
      },
      hover: (id) => {
        hovered.current = id;
      },
      point: () => {
        isPointing.current = true;
      },
    };
  }, [list]);
  useKeys({}, may ? ["choose"] : []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!may || isElsewhere(event)) return;
      const order = latest.current.rows.map((row) => row.head.id);
      const near = [isPointing.current ? hovered.current : null, reached.current, latest.current.open];
      const at = near.find((id) => id !== null && order.includes(id)) ?? order[0];
      const after = afterKey(event, ofList(selection.get(), list, NOTHING), at, order);
      if (!after) return;
      event.preventDefault();
      selection.set({ ...after, list });
    };
    const onFocus = ({ target }: FocusEvent): void => {
      const row = target instanceof Element && target.closest("[data-row]");
      if (row) reach(row.getAttribute("data-row"));
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("focusin", onFocus);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("focusin", onFocus);
    };
  }, [may, list, reach]);
  return { now, ...acts };
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "repeat">;

/** What is chosen after a key; null when the key is none of these. `at`: the row that it is about. */
export function afterKey(
  event: Key,
  now: Selection,
  at: string | undefined,
  order: readonly string[],
): Selection | null {
  if (event.altKey || at === undefined) return null;
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return key === "a" ? everything(now) : null;
  if (key === "escape") return anyChosen(now) ? NOTHING : null;
  if (key === "x" && event.repeat) return null;
  if (key === "x") return event.shiftKey ? stretched(now, at, order) : toggled(now, at);
  if (event.shiftKey && key === "arrowdown") return grown(now, 1, at, order);
  if (event.shiftKey && key === "arrowup") return grown(now, -1, at, order);
  return null;
}
