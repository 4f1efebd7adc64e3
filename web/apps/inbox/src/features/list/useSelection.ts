import { useEffect, useMemo, useRef } from "react";
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
  /** The row that the pointer is over, for the key x. */
  hover(id: string | null): void;
}

/** What is chosen in this list, by boxes, clicks and keys: x, shift and arrows, Ctrl or Cmd A, Esc. */
export function useSelection(list: string, rows: readonly ConversationRow[], may: boolean): Selecting {
  const now = useStore(selection, (state) => ofList(state, list, NOTHING));
  const place = usePlace();
  const hovered = useRef<string | null>(null);
  const latest = useRef({ rows, open: place.conversationId });
  latest.current = { rows, open: place.conversationId };
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
      hover: (id) => {
        hovered.current = id;
      },
    };
  }, [list]);
  useKeys({}, may ? ["choose"] : []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!may || isElsewhere(event)) return;
      const order = latest.current.rows.map((row) => row.head.id);
      const focused = document.activeElement?.closest("[data-row]")?.getAttribute("data-row");
      const at = focused ?? hovered.current ?? latest.current.open ?? order[0];
      const after = afterKey(event, ofList(selection.get(), list, NOTHING), at, order);
      if (!after) return;
      event.preventDefault();
      selection.set({ ...after, list });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [may, list]);
  return { now, ...acts };
}

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

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
  if (key === "x") return event.shiftKey ? stretched(now, at, order) : toggled(now, at);
  if (event.shiftKey && key === "arrowdown") return grown(now, 1, at, order);
  if (event.shiftKey && key === "arrowup") return grown(now, -1, at, order);
  return null;
}
