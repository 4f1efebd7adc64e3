import { expect, test, vi } from "vitest";
import { type Toast, toast, toasts, withToast } from "@/ui/toast";

const passing = (id: number): Toast => ({ id, text: `${id}`, tone: "quiet" });
const lasting = (id: number): Toast => ({ ...passing(id), lasts: true });
const after = (...all: Toast[]): number[] =>
  all.reduce<Toast[]>((shown, next) => withToast(shown, next), []).map(({ id }) => id);

test("of those that pass, the last three are shown", () => {
  expect(after(passing(1), passing(2), passing(3), passing(4))).toEqual([2, 3, 4]);
});

test("the Undo of a sending and a reply that wasn’t sent stay, whatever is said meanwhile", () => {
  expect(after(lasting(1), passing(2), passing(3), passing(4), passing(5))).toEqual([1, 4, 5]);
  expect(after(lasting(1), lasting(2), lasting(3), lasting(4))).toEqual([1, 2, 3, 4]);
});

test("among lasting ones something new is seen all the same", () => {
  expect(after(lasting(1), lasting(2), lasting(3), passing(4), passing(5))).toEqual([1, 2, 3, 5]);
});

test("what can be acted on stays twice as long", () => {
  vi.useFakeTimers();
  toast("Saved");
  toast("Closed", { label: "Undo", run: () => undefined });
  const texts = (): string[] => toasts.get().shown.map(({ text }) => text);
  vi.advanceTimersByTime(6000);
  expect(texts()).toEqual(["Closed"]);
  vi.advanceTimersByTime(4000);
  expect(texts()).toEqual([]);
  vi.useRealTimers();
});
