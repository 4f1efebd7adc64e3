/** Keyboard shortcuts: one key, or "g" and then another. Silent while somebody types or a dialog is open. */
import { useEffect, useRef } from "react";
import type { PageKey } from "@/lib/shortcuts";
import { createStore } from "@/lib/store";

export type KeyMap = Partial<Record<PageKey, () => void>>;

/** What each mounted part of the page follows; the help shows these and no others. */
const followed = createStore<{ maps: readonly (readonly PageKey[])[] }>({ maps: [] });

export const followedKeys = (): ReadonlySet<PageKey> => new Set(followed.get().maps.flat());

/** What goes on while the key is held; anything else would be done and taken back again and again. */
const MOVES: ReadonlySet<string> = new Set(["j", "k"]);

const FOLLOW_MS = 1200;
let leader: { key: string; at: number } | null = null;

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // Nobody types into a checkbox: after a row is ticked, keys act on what is chosen.
  return (
    target.isContentEditable ||
    target.matches("input:not([type=checkbox]), textarea, select, [role=listbox] *")
  );
}

/** Of those that can be seen: the list of a closed select stays in the page. */
export const dialogOpen = (): boolean =>
  [...document.querySelectorAll("[role=dialog], [role=menu], [role=listbox]")].some(
    (each) => each.checkVisibility?.() ?? true,
  );

/** Whether a key belongs to who types, to a dialog or to a menu, and not to the desk. */
export const isElsewhere = (event: KeyboardEvent): boolean =>
  event.defaultPrevented || isTyping(event.target) || dialogOpen();

/** The shortcut an event stands for: "j", "#", "g i". Null when it isn't one. */
export function shortcutOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
  before: string | null,
): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return before ? `${before} ${key}` : key;
}

/**
 * Follow shortcuts while mounted; the newest map is used without listening anew. `also`: keys that work here too,
 * some of them only once there is something to act on.
 */
export function useKeys(map: KeyMap, also: readonly PageKey[] = []): void {
  const latest = useRef(map);
  latest.current = map;
  const all = [...Object.keys(map), ...also].join("\n");
  useEffect(() => {
    const mine = all.split("\n") as PageKey[];
    followed.set(({ maps }) => ({ maps: [...maps, mine] }));
    return () => followed.set(({ maps }) => ({ maps: maps.filter((each) => each !== mine) }));
  }, [all]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isElsewhere(event)) return;
      const inTime = leader && event.timeStamp - leader.at < FOLLOW_MS && event.timeStamp !== leader.at;
      const shortcut = shortcutOf(event, inTime && leader ? leader.key : null);
      if (shortcut === "g") leader = { key: "g", at: event.timeStamp };
      const act = shortcut && latest.current[shortcut as PageKey];
      if (!act) return;
      event.preventDefault();
      leader = null;
      if (!event.repeat || MOVES.has(shortcut)) act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** Ctrl or Cmd and Enter: what is written is sent. */
export const isSend = (event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">): boolean =>
  event.key === "Enter" && (event.ctrlKey || event.metaKey);

/** For what leaves by Escape inside of something that does too: one key leaves one thing. */
export const onEscape =
  (leave: () => void) =>
  (event: Pick<KeyboardEvent, "key" | "defaultPrevented" | "preventDefault">): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    leave();
  };
