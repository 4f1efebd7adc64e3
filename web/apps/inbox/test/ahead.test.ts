// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { expectFocus, forgetFocus, withKey } from "@/lib/ahead";
import { desk, nowOpen, write } from "@/lib/desk";

let commands: string[];
let given: string[];
let field: HTMLInputElement;
const listen = (event: KeyboardEvent): void => {
  if (!event.defaultPrevented) commands.push(event.key);
};
beforeEach(() => {
  vi.useFakeTimers();
  commands = [];
  given = [];
  field = document.body.appendChild(document.createElement("input"));
  window.addEventListener("keydown", listen);
  document.execCommand = (_command, _ui, text = "") => given.push(text) > 0;
});
afterEach(() => {
  forgetFocus();
  window.removeEventListener("keydown", listen);
  field.remove();
  vi.useRealTimers();
});

function press(keys: string | string[], part: KeyboardEventInit = {}): void {
  for (const key of keys) {
    const on = document.activeElement ?? document.body;
    on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...part }));
  }
}

test("what is typed before the box is there goes into it, and opens no other conversation", () => {
  write("reply", "c1");
  press("just");
  field.focus();
  press(" a");
  vi.advanceTimersByTime(0);
  press("x");
  expect([given, commands]).toEqual([["just a"], ["x"]]);
});

test("a field that comes before anything is typed is left alone", () => {
  expectFocus();
  field.focus();
  press("j");
  vi.advanceTimersByTime(10);
  expect([given, commands]).toEqual([[], ["j"]]);
});

test.each([
  ["after three seconds", () => vi.advanceTimersByTime(3000)],
  ["after Escape", () => press(["Escape"])],
  ["after a click", () => document.body.dispatchEvent(new Event("pointerdown", { bubbles: true }))],
])("keys are commands again %s, and what was held is gone", (_, end) => {
  expectFocus();
  press("ab");
  end();
  commands = [];
  press("j");
  field.focus();
  vi.advanceTimersByTime(10);
  expect([given, commands]).toEqual([[], ["j"]]);
});

test("keys with Ctrl, and keys in a field that has the focus, are not held", () => {
  field.focus();
  expectFocus();
  press("a");
  field.blur();
  press("k", { ctrlKey: true });
  press(["ArrowDown"]);
  expect(commands).toEqual(["a", "k", "ArrowDown"]);
});

test("the key that asked for the field may still be down", () => {
  expectFocus();
  press("rr", { repeat: true });
  press("Hi");
  field.focus();
  vi.advanceTimersByTime(0);
  expect([given, commands]).toEqual([["Hi"], []]);
});

test.each([
  ["ab", "c", "abc"],
  ["ab", "Backspace", "a"],
  ["ab", "Enter", "ab"],
  ["ab", "Tab", null],
])("%s and %s are %s", (before, key, after) => expect(withKey(before, key)).toBe(after));

test("another conversation’s box takes no focus that was asked for in this one", () => {
  write("note", "c1");
  nowOpen("c1");
  expect(desk.get().focusComposer).toBe("c1");
  nowOpen("c2");
  expect(desk.get().focusComposer).toBe(null);
});
