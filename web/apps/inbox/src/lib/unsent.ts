/** What is being written, kept in this browser until it is sent: it outlives leaving its place, and the page. */
import { useEffect, useState } from "react";
import { signedInId } from "@/api/client";
import { keep, recall, storedAs } from "@/lib/keep";
import { isSame } from "@/lib/same";
import { createStore, useStore } from "@/lib/store";

const unsent = createStore<Record<string, unknown>>({});

/** One's own: others may sit at the same browser. */
const placeOf = (name: string): string => `${name}.${signedInId()}`;

/** Where its own box may be gone by now. */
export function changeUnsent<T>(name: string, empty: T, change: (now: T) => T): void {
  const place = placeOf(name);
  const next = change((unsent.get()[place] ?? recall(place) ?? empty) as T);
  unsent.set({ [place]: next });
  keep(place, isSame(next, empty) ? null : next);
}

export function useUnsent<T>(name: string, empty: T): [T, (change: (now: T) => T) => void] {
  const place = placeOf(name);
  const [began] = useState(() => recall<T>(place) ?? empty);
  const now = useStore(unsent, (all) => (all[place] ?? began) as T);
  useEffect(() => {
    open.add(place);
    return () => void open.delete(place);
  }, [place]);
  return [now, (change) => changeUnsent(name, empty, change)];
}

/** Boxes that are open: what stands in them is their writer's. */
const open = new Set<string>();

// Another tab wrote it on, or sent it: what this one has in mind is of before.
window.addEventListener("storage", ({ key }) => {
  for (const place of Object.keys(unsent.get()))
    if (key === storedAs(place) && !open.has(place)) unsent.set({ [place]: undefined });
});

/** What was written since behind what is sent now. */
export const withoutSent = (sent: string, now: string): string =>
  now.startsWith(sent) ? now.slice(sent.length).trimStart() : now;
