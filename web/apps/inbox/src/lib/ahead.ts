/**
 * Keys that are typed before the field they are meant for has the focus: it is still being loaded or drawn. They are
 * no commands meanwhile, as the j of "just a moment" would open the next conversation; the field gets them.
 */
import { isTyping } from "@/lib/keys";

const AT_MOST_MS = 3000;

/** Null: no focus is expected. */
let held: string | null = null;
let taken = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** A field was asked for and will have the focus in a moment. */
export function expectFocus(): void {
  forgetFocus();
  held = "";
  timer = setTimeout(forgetFocus, AT_MOST_MS);
  window.addEventListener("keydown", hold, true);
  window.addEventListener("focusin", take, true);
  window.addEventListener("pointerdown", forgetFocus, true);
}

/** It was not what was wanted, or came. */
export function forgetFocus(): void {
  clearTimeout(timer);
  held = null;
  taken = false;
  window.removeEventListener("keydown", hold, true);
  window.removeEventListener("focusin", take, true);
  window.removeEventListener("pointerdown", forgetFocus, true);
}

/** What is held after one more key; null: the key is not one to hold. */
export function withKey(text: string, key: string): string | null {
  if (key === "Backspace") return text.slice(0, -1);
  // Nothing is chosen or sent that one has not seen yet.
  if (key === "Enter") return text;
  return key.length === 1 ? text + key : null;
}

function hold(event: KeyboardEvent): void {
  if (event.key === "Escape") forgetFocus();
  const isOthers = event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (held === null || isOthers || (isTyping(event.target) && !taken)) return;
  const next = withKey(held, event.key);
  if (next === null) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  // The key that asked for the field may still be down.
  if (!event.repeat) held = next;
}

function take(event: FocusEvent): void {
  if (!isTyping(event.target) || taken) return;
  if (!held) {
    forgetFocus();
    return;
  }
  // The cursor is put into the field after the focus; what is typed until then comes behind.
  taken = true;
  setTimeout(() => {
    const text = held;
    forgetFocus();
    // As if typed: fields of every kind follow it, and it can be undone.
    if (text) document.execCommand("insertText", false, text);
  });
}
