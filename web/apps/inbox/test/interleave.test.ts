import { describe, expect, test } from "vitest";
import type { TimelineEntry } from "@/api/types";
import { interleave, nearest, type Stream } from "@/data/interleave";
import { layout } from "@/features/conversation/layout";
import { entry, message } from "./examples";

const at = (minute: number): { at: string } => ({
  at: new Date(Date.UTC(2026, 4, 4, 9, minute)).toISOString(),
});
const reply = (seq: number, minute: number): TimelineEntry => ({
  ...entry(seq, "CustomerReplied", { message: message({ entry_id: `m${minute}` }) }),
  id: `e${minute}`,
  ...at(minute),
});
const stream = (id: string, items: TimelineEntry[], has_more = false): Stream => ({
  id,
  page: { items, has_more },
});
const ids = (streams: Stream[]): string =>
  interleave(streams)
    .map((each) => each.id)
    .join(" ");

describe("interleave", () => {
  test("a conversation alone is as it was", () => {
    const items = [reply(1, 1), reply(2, 2)];
    expect(interleave([stream("own", items)])).toBe(items);
  });

  test("both histories stand by time, and say which conversation they are of", () => {
    const streams = [stream("own", [reply(1, 1), reply(2, 4)]), stream("other", [reply(1, 2), reply(2, 3)])];
    expect(ids(streams)).toBe("e1 e2 e3 e4");
    expect(interleave(streams).map((each) => each.of)).toEqual([undefined, "other", "other", undefined]);
  });

  test("that it was merged is told once", () => {
    const merged = { ...entry(2, "Merged", { into_id: "own", title: "Order" }), ...at(5) };
    const received = { ...entry(3, "MergeReceived", { from_id: "other", title: "Again" }), ...at(5) };
    const streams = [stream("own", [received]), stream("other", [reply(1, 2), merged])];
    expect(interleave(streams).map((each) => each.type)).toEqual(["CustomerReplied", "MergeReceived"]);
  });

  test("nothing is shown across a hole in another's past", () => {
    const streams = [stream("own", [reply(1, 1), reply(2, 6)]), stream("other", [reply(7, 5)], true)];
    expect(ids(streams)).toBe("e5 e6");
    expect(nearest(streams)?.id).toBe("other");
    expect(nearest([stream("own", [reply(4, 9)], true), ...streams])?.page.items[0]?.id).toBe("e9");
  });
});

test("a side mail is a block of its own, and no message to the customer", () => {
  const mail = message({ entry_id: "s1", direction: "out" });
  const blocks = layout([
    entry(1, "SideStarted", { side_id: "s", mail }),
    entry(2, "DeliveryUpdated", {
      entry_id: "s1",
      state: "bounced",
      reason: "No such box",
      recipient: "x@y",
    }),
  ]);
  expect(blocks.map((each) => each.kind)).toEqual(["day", "side"]);
  expect(blocks[1]?.kind === "side" && blocks[1].delivery?.state).toBe("bounced");
});
