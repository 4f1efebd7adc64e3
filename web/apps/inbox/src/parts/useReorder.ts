/** A list whose lines are dragged by a handle, with mouse or finger, or moved by the arrow keys on it. */
import { type KeyboardEvent, type PointerEvent, type RefObject, useRef, useState } from "react";
import { moved } from "@/lib/reorder";

interface Reorder {
  keys: readonly string[];
  name: (key: string) => string;
  change: (keys: string[]) => void;
  /** Where the arrow keys lead; without it the next line that can be moved. */
  neighbour?: (key: string, step: 1 | -1) => string | null;
}

interface Reordering {
  /** Of the list; its lines have `data-key`. */
  list: RefObject<HTMLUListElement | null>;
  /** In the order that they would have when what is dragged is let go. */
  shown: readonly string[];
  dragged: string | null;
  /** What was just done, for who can't see it. */
  said: string;
  /** What a line's handle listens to. */
  grip: (key: string) => object;
}

export function useReorder({ keys, name, change, neighbour }: Reorder): Reordering {
  const list = useRef<HTMLUListElement>(null);
  const [drag, setDrag] = useState<{ key: string; order: readonly string[] } | null>(null);
  const [said, setSaid] = useState("");

  const under = (y: number): string | undefined => {
    for (const line of list.current?.querySelectorAll<HTMLElement>("[data-key]") ?? []) {
      const box = line.getBoundingClientRect();
      if (y >= box.top && y < box.bottom) return line.dataset.key;
    }
    return undefined;
  };
  const next = (key: string, step: 1 | -1): string | null =>
    neighbour ? neighbour(key, step) : (keys[keys.indexOf(key) + step] ?? null);

  const grip = (key: string) => ({
    "aria-label": `Move ${name(key)}`,
    "aria-keyshortcuts": "ArrowUp ArrowDown",
    onPointerDown: (down: PointerEvent<HTMLElement>) => {
      if (down.button !== 0) return;
      down.currentTarget.setPointerCapture(down.pointerId);
      setDrag({ key, order: keys });
    },
    onPointerMove: (move: PointerEvent) => {
      const over = drag?.key === key ? under(move.clientY) : undefined;
      if (drag && over && over !== key) setDrag({ key, order: moved(drag.order, key, over) });
    },
    onPointerUp: () => {
      if (drag && drag.order.join() !== keys.join()) change([...drag.order]);
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
    onKeyDown: (event: KeyboardEvent) => {
      const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
      if (step === null) return;
      event.preventDefault();
      const target = next(key, step);
      if (!target) return;
      const order = moved(keys, key, target);
      change(order);
      setSaid(`${name(key)}: ${order.indexOf(key) + 1} of ${order.length}`);
    },
  });
  return { list, shown: drag?.order ?? keys, dragged: drag?.key ?? null, said, grip };
}
