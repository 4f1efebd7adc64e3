import { expect, test } from "vitest";
import { type Entry, merge, newDay, people, unread } from "./timeline";

function entry(id: string, at: string, by: Partial<Entry> = {}): Entry {
  const rest = { author_name: "", text: id, html: null, attachments: [] };
  return { entry_id: id, conversation_id: "c", direction: "in", at, ...rest, ...by };
}
const ids = (entries: readonly Entry[]): string[] => entries.map((each) => each.entry_id);

test("the same message by history and live is there once, the newer copy kept", () => {
  const old = entry("a", "2026-03-01T10:00:00Z", { text: "old link" });
  const merged = merge([old], [{ ...old, text: "new link" }]);
  expect(merged.map((each) => each.text)).toEqual(["new link"]);
});

test("order is by time, however the times are written, and ties keep their order", () => {
  const merged = merge(
    [entry("c", "2026-03-01T12:00:00+02:00"), entry("d", "2026-03-01T10:00:00.000Z")],
    [entry("b", "2026-03-01T09:59:59.5Z"), entry("a", "2026-03-01T10:30:00+05:30")],
  );
  expect(ids(merged)).toEqual(["a", "b", "c", "d"]);
});

test("merging again changes nothing", () => {
  const once = merge([], [entry("b", "2026-03-01T10:01:00Z"), entry("a", "2026-03-01T10:00:00Z")]);
  expect(merge(once, once)).toEqual(once);
});

test("only answers after the last look are unread", () => {
  const entries = [
    entry("a", "2026-03-01T10:00:00Z", { direction: "out" }),
    entry("b", "2026-03-01T10:01:00Z"),
    entry("c", "2026-03-01T10:02:00Z", { direction: "out" }),
  ];
  expect(unread(entries, "")).toBe(2);
  expect(unread(entries, "2026-03-01T10:00:00.000Z")).toBe(1);
  expect(unread(entries, "2026-03-01T10:02:00+00:00")).toBe(0);
});

test("who answered is named once, latest first", () => {
  const by = (name: string, minute: string) =>
    entry(name + minute, `2026-03-01T10:0${minute}:00Z`, { direction: "out", author_name: name });
  expect(people([by("Maya", "1"), by("Jonas", "2"), by("Maya", "3"), by("", "4")])).toEqual([
    "Maya",
    "Jonas",
  ]);
});

test("the first message begins a day, one of the same day does not", () => {
  expect(newDay(null, "2026-03-01T10:00:00")).toBe(true);
  expect(newDay("2026-03-01T10:00:00", "2026-03-01T23:00:00")).toBe(false);
  expect(newDay("2026-03-01T23:59:00", "2026-03-02T00:01:00")).toBe(true);
});
