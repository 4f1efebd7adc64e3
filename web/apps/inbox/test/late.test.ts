import { onlineManager, QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveFrame } from "@/api/live";
import type { ConversationRow, TimelineEntry, TimelinePage } from "@/api/types";
import { keys } from "@/data/keys";
import { AFTER_A_GAP, concerns, LateNews } from "@/live/late";
import { onFrame } from "@/live/useLive";
import { customer, entry, head, message } from "./examples";

let client: QueryClient;
let late: LateNews;
let stop: () => void;
const unseen: (() => void)[] = [];

beforeEach(() => {
  client = new QueryClient();
  late = new LateNews(client, (frame) => onFrame(client, frame, "maya"));
  stop = late.start();
});
afterEach(() => {
  stop();
  for (const each of unseen.splice(0)) each();
  client.clear();
});

function comes(frame: LiveFrame): void {
  late.came(frame);
  onFrame(client, frame, "maya");
}

const event = (seq: number, told: TimelineEntry = entry(seq, "Reopened", {})): LiveFrame => ({
  type: "event",
  id: `live-${seq}`,
  event: { ...told, conversation_id: "c1" } as Extract<LiveFrame, { type: "event" }>["event"],
  head: head({ seq }),
});

/** A question whose answers are given by hand, in order. */
function asking<T>(queryKey: readonly unknown[]): {
  answer: (data: T) => Promise<void>;
  times: () => number;
} {
  const waiting: ((data: T) => void)[] = [];
  const queryFn = (): Promise<T> => new Promise((resolve) => waiting.push(resolve));
  const seen = new QueryObserver<T>(client, { queryKey, queryFn, staleTime: 0 });
  unseen.push(seen.subscribe(() => undefined));
  const answer = async (data: T): Promise<void> => {
    waiting.at(-1)?.(data);
    await vi.waitFor(() => expect(client.getQueryData(queryKey)).toBeDefined());
    await new Promise((later) => setTimeout(later));
  };
  return { answer, times: () => waiting.length };
}

const timeline = (): number[] =>
  client.getQueryData<TimelinePage>(keys.timeline("c1"))?.items.map((each) => each.seq) ?? [];
const first: TimelinePage = { items: [entry(1, "Closed", {})], has_more: false };

test("an event that comes while the timeline is asked for the first time is shown", async () => {
  const { answer, times } = asking<TimelinePage>(keys.timeline("c1"));
  comes(event(2));
  comes(event(3));
  await answer(first);
  expect(timeline()).toEqual([1, 2, 3]);
  expect(times()).toBe(1);
});

test("an event that comes while what is shown is asked for again is not taken away", async () => {
  client.setQueryData(keys.timeline("c1"), first);
  const { answer } = asking<TimelinePage>(keys.timeline("c1"));
  comes(event(2));
  expect(timeline()).toEqual([1, 2]);
  await answer(first);
  expect(timeline()).toEqual([1, 2]);
});

test("what came before the question is not told again", async () => {
  comes(event(2));
  const { answer } = asking<TimelinePage>(keys.timeline("c1"));
  await answer(first);
  expect(timeline()).toEqual([1]);
});

test("a conversation asked for meanwhile has the newest head, and stays read when the answer knew it", async () => {
  const { answer } = asking<ConversationRow>(keys.conversation("c1"));
  comes(event(4, entry(4, "CustomerReplied", { message: message() }, { by: customer })));
  await answer({ head: head({ seq: 3 }), unread: false });
  const row = (): ConversationRow | undefined => client.getQueryData(keys.conversation("c1"));
  expect([row()?.head.seq, row()?.unread]).toEqual([4, true]);

  const again = asking<ConversationRow>(["conversation", "c1"]);
  comes(event(5, entry(5, "CustomerReplied", { message: message() }, { by: customer })));
  await again.answer({ head: head({ seq: 5 }), unread: false });
  expect([row()?.head.seq, row()?.unread]).toEqual([5, false]);
});

test("what is only known to have changed is asked for once more", async () => {
  const { answer, times } = asking<{ seq: number }>(keys.ticket("t1"));
  comes({ type: "ticket", id: "live-9", ticket_id: "t1", seq: 2 });
  await answer({ seq: 1 });
  await vi.waitFor(() => expect(times()).toBe(2));
  await answer({ seq: 2 });
  expect(times()).toBe(2);
});

test("after a gap that ended while a question was open, it is asked once more", async () => {
  const { answer, times } = asking<TimelinePage>(keys.timeline("c1"));
  comes({ type: "resync" });
  await answer(first);
  await vi.waitFor(() => expect(times()).toBe(2));
});

test("a question that was open before anybody listened counts", async () => {
  stop();
  const { answer } = asking<TimelinePage>(keys.timeline("c1"));
  stop = late.start();
  comes(event(2));
  await answer(first);
  expect(timeline()).toEqual([1, 2]);
});

test("other people's news changes nothing, and a question that failed waits for nothing", async () => {
  const { answer, times } = asking<{ seq: number }>(keys.ticket("t1"));
  comes({ type: "contact", id: "live-1", contact_id: "k1", seq: 2 });
  await answer({ seq: 1 });
  expect(times()).toBe(1);
  const failing = {
    queryKey: keys.timeline("c2"),
    queryFn: () => Promise.reject(new Error("no")),
    retry: false,
  };
  await client.prefetchQuery(failing);
  comes(event(2));
  const { answer: told } = asking<TimelinePage>(keys.timeline("c1"));
  await told(first);
  expect(timeline()).toEqual([1]);
});

const ticket = (ticket_id: string): LiveFrame => ({ type: "ticket", id: "live-7", ticket_id, seq: 2 });

test.each([
  [event(2), keys.timeline("c1"), true],
  [event(2), keys.conversation("c2"), false],
  [event(2), keys.list({ inbox: "all", status: "open", sort: "newest" }), true],
  [event(2), keys.ticket("c1"), false],
  [ticket("t1"), keys.ticket("t1"), true],
  [ticket("t1"), keys.ticketTimeline("t2"), false],
  [ticket("t1"), keys.ticketConversations("t2"), false],
  [ticket("t1"), keys.ticketLists, true],
  [{ type: "contact", id: "l", contact_id: "k1", seq: 1 } as LiveFrame, keys.contact("merged-into-k1"), true],
  [{ type: "resync" } as LiveFrame, keys.timeline("c9"), true],
  [{ type: "resync" } as LiveFrame, keys.alike("k9"), true],
])("news %# concerns what it is about, and nothing else", (frame, key, expected) => {
  expect(concerns(frame, key)).toBe(expected);
});

test("after a gap everything is asked for again that any news concerns", () => {
  const gap = new Set(AFTER_A_GAP.map(([first]) => first));
  for (const word of ["ticket-conversations", "contact-conversations", "alike", "segments"])
    expect(gap).toContain(word);
});

test("the answer for one conversation tells nothing of others again", async () => {
  const told = vi.fn();
  stop();
  late = new LateNews(client, told);
  stop = late.start();
  const { answer } = asking<TimelinePage>(keys.timeline("c2"));
  late.came(event(2));
  await answer(first);
  expect(told).not.toHaveBeenCalled();
});

test("news that never ends has a question asked again three times a second, not with every answer", async () => {
  vi.useFakeTimers();
  let times = 0;
  const queryFn = async (): Promise<number> => {
    times += 1;
    await new Promise((later) => setTimeout(later, 20));
    return times;
  };
  const seen = new QueryObserver(client, { queryKey: keys.ticketLists, queryFn });
  const unsee = seen.subscribe(() => undefined);
  for (let n = 0; n < 300; n += 1) {
    late.came(ticket("t1"));
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(times).toBeGreaterThanOrEqual(8);
  expect(times).toBeLessThanOrEqual(12);
  await vi.advanceTimersByTimeAsync(1000);
  const atTheEnd = times;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(times).toBe(atTheEnd);
  unsee();
  vi.useRealTimers();
});

test("a flood while a question is open is not kept: it is asked once more", async () => {
  const { answer, times } = asking<TimelinePage>(keys.timeline("c1"));
  for (let n = 2; n < 2000; n += 1) late.came(event(n));
  await answer(first);
  await vi.waitFor(() => expect(times()).toBe(2));
});

test("a question that waits for the connection is not given up", async () => {
  client.mount();
  onlineManager.setOnline(false);
  const { answer, times } = asking<TimelinePage>(keys.timeline("c1"));
  const other = client.prefetchQuery({
    queryKey: keys.ticket("t9"),
    queryFn: () => 1,
    networkMode: "always",
  });
  comes(event(2));
  await other;
  onlineManager.setOnline(true);
  await vi.waitFor(() => expect(times()).toBe(1));
  await answer(first);
  expect(timeline()).toEqual([1, 2]);
  client.unmount();
});

test("what no news concerns is not waited for", async () => {
  asking<number>(keys.macros);
  const told = vi.fn();
  stop();
  late = new LateNews(client, told);
  stop = late.start();
  late.came(event(2));
  const { answer } = asking<TimelinePage>(keys.timeline("c1"));
  await answer(first);
  expect(told).not.toHaveBeenCalled();
});
