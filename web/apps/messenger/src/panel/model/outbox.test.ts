import { expect, test } from "vitest";
import { afterTrouble, backoffMs, change, type Item, MAX_TRIES, next, restored, unseen } from "./outbox";
import type { Entry } from "./timeline";

function item(id: string, by: Partial<Item> = {}): Item {
  const at = "2026-03-01T10:00:00.000Z";
  return {
    client_id: id,
    session_id: "s",
    text: id,
    attachments: [],
    written_at: at,
    step: "queued",
    tries: 0,
    ...by,
  };
}

test("messages go out one at a time, oldest first", () => {
  const first = [item("a"), item("b")];
  expect(next(first)?.client_id).toBe("a");
  const going = change(first, "a", { step: "sending" });
  expect(next(going)).toBeNull();
  expect(next(change(going, "a", { step: "sent" }))?.client_id).toBe("b");
});

test("a refused message does not hold up the next", () => {
  expect(next([item("a", { step: "failed" }), item("b")])?.client_id).toBe("b");
});

test("trouble is met with patience, then with a question", () => {
  let tried = item("a");
  for (let turn = 1; turn < MAX_TRIES; turn += 1) {
    tried = { ...tried, ...afterTrouble(tried) };
    expect(tried.step).toBe("queued");
  }
  expect(afterTrouble(tried).step).toBe("failed");
});

test("waits grow, stay below the limit and never reach zero", () => {
  for (const random of [0, 0.5, 1]) {
    const waits = [1, 2, 3, 4, 9, 40].map((tries) => backoffMs(tries, random));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  }
});

test("what was on its way when the page went is sent again, with the same id", () => {
  const found = restored([
    item("late", { written_at: "2026-03-01T10:05:00.000Z" }),
    item("early", { step: "sending", tries: 2 }),
    item("kept", { step: "sent", entry_id: "e", written_at: "2026-03-01T10:02:00.000Z" }),
  ]);
  expect(found.map((each) => [each.client_id, each.step])).toEqual([
    ["early", "queued"],
    ["kept", "sent"],
    ["late", "queued"],
  ]);
});

test("a message leaves the outbox once the timeline has it, not before", () => {
  const items = [
    item("a", { step: "sent", entry_id: "e1" }),
    item("b", { step: "sent", entry_id: "e2" }),
    item("c"),
  ];
  const there = [{ entry_id: "e1" } as Entry];
  expect(unseen(items, there).map((each) => each.client_id)).toEqual(["b", "c"]);
});
