import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { LiveFrame } from "@/api/live";
import type { ConversationPage, ConversationRow, TimelineEntry, TimelinePage } from "@/api/types";
import { keys } from "@/data/keys";
import { listQuery } from "@/data/list";
import { rowsOf } from "@/data/pages";
import { patchHead, patchRead, patchTimeline, refreshCounts } from "@/data/patch";
import { asRead, rememberRead } from "@/data/reads";
import { onFrame } from "@/live/useLive";
import { customer, entry, head, maya, message } from "./examples";

const mine = { inbox: "mine", status: "open", sort: "newest" } as const;
const unassigned = { inbox: "unassigned", status: "open", sort: "newest" } as const;

let client: QueryClient;
beforeEach(() => {
  client = new QueryClient();
  const rows = [{ head: head({ seq: 3 }), unread: false }];
  const list = (items: ConversationRow[]) => ({
    pages: [{ items, next_cursor: null, total: items.length }],
    pageParams: [""],
  });
  client.setQueryData(keys.list(unassigned), list(rows));
  client.setQueryData(keys.list(mine), list([]));
  client.setQueryData(keys.conversation("c1"), rows[0]);
  client.setQueryData(keys.timeline("c1"), { items: [entry(1, "Closed", {})], has_more: false });
});

const shown = (filter: typeof mine | typeof unassigned): string[] => {
  const data = client.getQueryData<{
    pages: { items: ConversationRow[]; next_cursor: null; total: number }[];
  }>(keys.list(filter));
  return rowsOf(data?.pages ?? []).map((row) => row.head.id);
};
const timeline = (): number[] =>
  client.getQueryData<TimelinePage>(keys.timeline("c1"))?.items.map((each) => each.seq) ?? [];
const live = (seq: number, event: TimelineEntry, part = {}): LiveFrame => ({
  type: "event",
  id: `live-${seq}`,
  event: { ...event, conversation_id: "c1" } as Extract<LiveFrame, { type: "event" }>["event"],
  head: head({ seq, ...part }),
});

test("an assignment moves the conversation from one inbox to the other", () => {
  patchHead(client, head({ seq: 4, assignee_id: "maya" }), "maya");
  expect(shown(unassigned)).toEqual([]);
  expect(shown(mine)).toEqual(["c1"]);
});

test("news that is older than what is shown changes nothing", () => {
  patchHead(client, head({ seq: 2, assignee_id: "maya" }), "maya");
  expect(shown(unassigned)).toEqual(["c1"]);
});

describe("what is to be asked again", () => {
  const invalid = (key: readonly unknown[]): boolean | undefined => client.getQueryState(key)?.isInvalidated;
  const all = [keys.list(mine), keys.list(unassigned), keys.conversation("c1"), keys.timeline("c1")];

  test("stays so when news or a read mark changes it", () => {
    onFrame(client, { type: "resync" }, "maya");
    onFrame(client, live(2, entry(2, "Reopened", {}), { seq: 4, assignee_id: "maya" }), "maya");
    patchRead(client, "c1", 4);
    expect(shown(mine)).toEqual(["c1"]);
    expect(all.map(invalid)).toEqual([true, true, true, true]);
  });

  test("is no more than that", () => {
    onFrame(client, live(2, entry(2, "Reopened", {}), { seq: 4, assignee_id: "maya" }), "maya");
    expect(all.map(invalid)).toEqual([false, false, false, false]);
  });
});

describe("a conversation that was read here", () => {
  const answer = (seq: number) => asRead({ head: head({ id: "read", seq }), unread: true }).unread;

  test("is read in an answer that was asked for before, until there is news", () => {
    patchRead(client, "read", 4);
    expect([answer(4), answer(5)]).toEqual([false, true]);
    patchRead(client, "read", 3);
    expect(answer(4)).toBe(false);
  });

  test("is as the server says when it was marked unread, or nobody told the server", () => {
    patchRead(client, "read", 4);
    patchRead(client, "read", null);
    expect(answer(4)).toBe(true);
  });

  test("is not remembered for ever", () => {
    patchRead(client, "read", 4);
    for (let n = 0; n < 500; n += 1) rememberRead(`other-${n}`, 1);
    expect(answer(4)).toBe(true);
  });

  test("is read in every page of a list whose first was answered before", async () => {
    const row = { head: head({ id: "read", seq: 4 }), unread: true };
    let second: (page: ConversationPage) => void = () => undefined;
    const pages: Record<string, Promise<ConversationPage>> = {
      "": Promise.resolve({ items: [row], next_cursor: "2", total: 2 }),
      "2": new Promise((resolve) => {
        second = resolve;
      }),
    };
    const query = { ...listQuery(mine), queryFn: ({ pageParam = "" }) => pages[pageParam], pages: 2 };
    client.removeQueries({ queryKey: query.queryKey });
    const asked = client.fetchInfiniteQuery(query as unknown as ReturnType<typeof listQuery>);
    await Promise.resolve();
    patchRead(client, "read", 4);
    second({ items: [{ head: head({ id: "other" }), unread: true }], next_cursor: null, total: 2 });
    await asked;
    const answered = client.getQueryData(query.queryKey);
    expect(rowsOf(answered?.pages ?? []).map(({ unread }) => unread)).toEqual([false, true]);
  });
});

test("a conversation that begins is counted, one that was only unknown is not", () => {
  const total = () =>
    client.getQueryData<{ pages: ConversationPage[] }>(keys.list(unassigned))?.pages[0]?.total;
  client.setQueryData(keys.list(unassigned), {
    pages: [{ items: [{ head: head({ seq: 3 }), unread: false }], next_cursor: "2", total: 70 }],
    pageParams: [""],
  });
  const said = { last_activity_at: "2026-03-02T11:00:00Z", seq: 9 };
  onFrame(
    client,
    live(5, entry(5, "CustomerReplied", { message: message() }), { ...said, id: "old" }),
    "maya",
  );
  expect(total()).toBe(70);
  onFrame(
    client,
    live(1, entry(1, "CustomerReplied", { message: message() }), { ...said, id: "new" }),
    "maya",
  );
  expect([shown(unassigned).length, total()]).toEqual([3, 71]);
});

describe("the timeline", () => {
  test("takes the next entry once, however often it comes", () => {
    const next = entry(2, "Reopened", {});
    patchTimeline(client, "c1", [next]);
    patchTimeline(client, "c1", [next]);
    expect(timeline()).toEqual([1, 2]);
  });

  test("is asked for again where something is missing", () => {
    const again = vi.spyOn(client, "invalidateQueries");
    patchTimeline(client, "c1", [entry(5, "Reopened", {})]);
    expect(timeline()).toEqual([1]);
    expect(again).toHaveBeenCalledWith({ queryKey: keys.timeline("c1") });
  });
});

describe("a live event", () => {
  const row = (): ConversationRow | undefined => client.getQueryData(keys.conversation("c1"));

  test("by the customer makes the conversation unread", () => {
    const reply = entry(4, "CustomerReplied", { message: message() }, { by: customer });
    onFrame(client, live(4, reply), "maya");
    expect(row()?.unread).toBe(true);
    expect(row()?.head.seq).toBe(4);
  });

  test("by a colleague does not", () => {
    onFrame(client, live(4, entry(4, "Closed", {}, { by: maya })), "jonas");
    expect(row()?.unread).toBe(false);
    expect(row()?.head.seq).toBe(4);
  });

  test("with files whose links are missing asks for the timeline", () => {
    const file = { id: "f", name: "a.pdf", content_type: "application/pdf", size_bytes: 1, inline: false };
    const reply = entry(2, "CustomerReplied", { message: message({ attachments: [file] }) });
    const again = vi.spyOn(client, "invalidateQueries");
    onFrame(client, live(4, reply), "maya");
    expect(again).toHaveBeenCalledWith({ queryKey: keys.timeline("c1") });
    again.mockClear();
    client.setQueryData(keys.timeline("c1"), { items: [entry(1, "Closed", {}), reply], has_more: false });
    onFrame(client, live(4, reply), "maya");
    expect(again).not.toHaveBeenCalledWith({ queryKey: keys.timeline("c1") });
  });
});

test("after a gap everything shown is asked for again", () => {
  const again = vi.spyOn(client, "invalidateQueries");
  onFrame(client, { type: "resync" }, "maya");
  expect(again).toHaveBeenCalledWith({ queryKey: keys.lists });
  expect(again).toHaveBeenCalledWith({ queryKey: ["timeline"] });
});

test("counts are asked for soon, at most every three seconds while events stream in, and once more at the end", () => {
  vi.useFakeTimers();
  const asked = vi.spyOn(client, "invalidateQueries");
  refreshCounts(client);
  vi.advanceTimersByTime(400);
  expect(asked).toHaveBeenCalledTimes(1);
  for (let event = 0; event < 100; event++) {
    refreshCounts(client);
    vi.advanceTimersByTime(100);
  }
  expect(asked.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(asked.mock.calls.length).toBeLessThanOrEqual(5);
  vi.advanceTimersByTime(10_000);
  const atTheEnd = asked.mock.calls.length;
  vi.advanceTimersByTime(60_000);
  expect(asked).toHaveBeenCalledTimes(atTheEnd);
  vi.useRealTimers();
});

test.each([
  [
    "ticket",
    (n: number): LiveFrame => ({ type: "ticket", id: `${n}`, ticket_id: `t${n}`, seq: n }),
    keys.ticketLists,
  ],
  [
    "contact",
    (n: number): LiveFrame => ({ type: "contact", id: `${n}`, contact_id: `k${n}`, seq: n }),
    keys.contactLists,
  ],
])(
  "lists follow %s news that never ends within 300 ms, and are not asked for with each",
  (_, frame, list) => {
    vi.useFakeTimers();
    const asked = vi.spyOn(client, "invalidateQueries");
    const times = (): number => asked.mock.calls.filter(([which]) => which?.queryKey === list).length;
    for (let n = 0; n < 100; n += 1) {
      onFrame(client, frame(n), "maya");
      vi.advanceTimersByTime(100);
      if (n === 2) expect(times()).toBe(1);
    }
    expect(times()).toBeGreaterThanOrEqual(25);
    expect(times()).toBeLessThanOrEqual(34);
    vi.useRealTimers();
  },
);
