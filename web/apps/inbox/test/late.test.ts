import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveFrame } from "@/api/live";
import type { ConversationRow, TimelineEntry, TimelinePage } from "@/api/types";
import { keys } from "@/data/keys";
import { LateNews } from "@/live/late";
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
