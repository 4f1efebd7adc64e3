/** Keyboard shortcuts: one key, or "g" and then another. Silent while somebody types or a dialog is open. */
import { useEffect, useRef } from "react";

export type KeyMap = Record<string, () => void>;

const FOLLOW_MS = 1200;
let leader: { key: string; at: number } | null = null;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches("input, textarea, select, [role=listbox] *");
}

const dialogOpen = (): boolean =>
  document.querySelector("[role=dialog], [role=menu], [role=listbox]") !== null;

/** The shortcut an event stands for: "j", "#", "g i". Null when it isn't one. */
export function shortcutOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
  before: string | null,
): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return before ? `${before} ${key}` : key;
}

/** Follow shortcuts while mounted; the newest map is used without listening anew. */
export function useKeys(map: KeyMap): void {
  const latest = useRef(map);
  latest.current = map;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target) || dialogOpen()) return;
      const inTime = leader && event.timeStamp - leader.at < FOLLOW_MS && event.timeStamp !== leader.at;
      const shortcut = shortcutOf(event, inTime && leader ? leader.key : null);
      if (shortcut === "g") leader = { key: "g", at: event.timeStamp };
      const act = shortcut && latest.current[shortcut];
      if (!act) return;
      event.preventDefault();
      leader = null;
      act();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
