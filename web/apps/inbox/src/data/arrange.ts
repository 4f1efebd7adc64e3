/** Which inboxes the sidebar shows where: as the agent arranged it, and what came since in its usual place. Pure. */
import type { Sidebar } from "@/api/lists";
import { moved } from "@/lib/reorder";

export interface Arranged {
  pinned: string[];
  /** Found under "More". */
  more: string[];
}

/** Not pinned unless somebody pins them (IN1). */
export const USUALLY_UNPINNED: ReadonlySet<string> = new Set(["all", "unassigned"]);

/** `there`: every inbox there is for this agent, in the usual order. */
export function arranged(there: readonly string[], sidebar: Sidebar | undefined): Arranged {
  const exists = new Set(there);
  const pinned = (sidebar?.pinned ?? []).filter((key) => exists.has(key));
  const unpinned = new Set(sidebar?.unpinned ?? [...USUALLY_UNPINNED]);
  const known = new Set([...pinned, ...unpinned]);
  for (const [index, key] of there.entries()) {
    if (known.has(key)) continue;
    if (sidebar?.changed && USUALLY_UNPINNED.has(key)) continue;
    pinned.splice(placeOf(there, index, pinned), 0, key);
  }
  const shown = new Set(pinned);
  return { pinned, more: there.filter((key) => !shown.has(key)) };
}

/** Behind the nearest one before it that is pinned. */
function placeOf(there: readonly string[], index: number, pinned: readonly string[]): number {
  for (let before = index - 1; before >= 0; before -= 1) {
    const at = pinned.indexOf(there[before] ?? "");
    if (at >= 0) return at + 1;
  }
  return 0;
}

/** Pinned at the end of them, or not pinned any more. */
export function switchedPin({ pinned, more }: Arranged, key: string): Arranged {
  return pinned.includes(key)
    ? { pinned: pinned.filter((each) => each !== key), more: [...more, key] }
    : { pinned: [...pinned, key], more: more.filter((each) => each !== key) };
}

/** `key` where `target` is now. */
export const movedTo = ({ pinned, more }: Arranged, key: string, target: string): Arranged => ({
  pinned: moved(pinned, key, target),
  more,
});

export type Section = "own" | "views" | "teams";

export function sectionOf(key: string): Section {
  if (key.startsWith("team:")) return "teams";
  return key.startsWith("brand:") || key.startsWith("view:") ? "views" : "own";
}

/** The one before or behind it in its own section, for moving by keys; null at the end. */
export function neighbour({ pinned }: Arranged, key: string, step: 1 | -1): string | null {
  const same = pinned.filter((each) => sectionOf(each) === sectionOf(key));
  return same[same.indexOf(key) + step] ?? null;
}
