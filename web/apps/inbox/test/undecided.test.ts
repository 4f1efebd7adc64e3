// @vitest-environment happy-dom
/** Several things that are done to one conversation before the first is answered. */
import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import { goOnWith } from "@/api/client";
import type { Session } from "@/api/people";
import type { ConversationRow, Head } from "@/api/types";
import { commandsOn } from "@/data/commands";
import { keys } from "@/data/keys";
import { rowsOf } from "@/data/pages";
import { drain, queueChanged } from "@/data/queue";
import { conversationQuery } from "@/data/timeline";
import { queue } from "@/data/undecided";
import { onFrame } from "@/live/useLive";
import { toasts } from "@/ui/toast";
import { customer, entry, head, message } from "./examples";

const open = { inbox: "all", status: "open", sort: "newest" } as const;
let client: QueryClient;
/** What was sent, each to be answered. */
let sent: { what: string; answer: (status: number, part?: Partial<Head>) => void }[];
let unplugged: boolean;

beforeEach(() => {
  localStorage.clear();
  queue.set({ waiting: [] });
  toasts.set({ shown: [] });
  sent = [];
  unplugged = false;
  client = new QueryClient();
  const row = { head: head({ seq: 1 }), unread: false };
  client.setQueryData(keys.list(open), {
    pages: [{ items: [row], next_cursor: null, total: 1 }],
    pageParams: [""],
  });
  client.setQueryData(keys.conversation("c1"), row);
  const asked = (path: string, init: RequestInit): Promise<Response> => {
    if (unplugged) throw new TypeError("Failed to fetch");
    return new Promise((resolve) =>
      sent.push({
        what: `${path.split("/").at(-1)} ${init.body}`,
        answer: (status, part) => {
          const body = status === 200 ? { head: head(part), events: [] } : { title: "No", status };
          resolve(new Response(JSON.stringify(body), { status }));
        },
      }),
    );
  };
  vi.stubGlobal("fetch", asked);
});

const shown = (): Pick<Head, "status" | "priority"> & { listed: number } => {
  const { status, priority } = client.getQueryData<ConversationRow>(keys.conversation("c1"))?.head ?? head();
  const list = client.getQueryData<{
    pages: { items: ConversationRow[]; next_cursor: null; total: number }[];
  }>(keys.list(open));
  return { status, priority, listed: rowsOf(list?.pages ?? []).length };
};
const whats = (): string[] => sent.map(({ what }) => what);

test("each is sent after the one before, and no earlier answer shows what is done since as not done", async () => {
  const commands = commandsOn(client, "c1");
  const flagged = commands.togglePriority();
  const closed = commands.toggleClosed();
  expect(shown()).toEqual({ status: "closed", priority: true, listed: 0 });
  expect(whats()).toEqual(['priority {"priority":true}']);
  sent[0]?.answer(200, { seq: 2, priority: true });
  await flagged;
  expect(shown()).toEqual({ status: "closed", priority: true, listed: 0 });
  await vi.waitFor(() => expect(whats()).toEqual(['priority {"priority":true}', "close {}"]));
  sent[1]?.answer(200, { seq: 3, priority: true, status: "closed" });
  await closed;
  expect(shown()).toEqual({ status: "closed", priority: true, listed: 0 });
});

test("a key that is pressed twice takes back what it did, however slow the screen is", async () => {
  const commands = commandsOn(client, "c1");
  const all = [commands.togglePriority(), commands.togglePriority(), commands.toggleClosed()];
  expect(shown()).toEqual({ status: "closed", priority: false, listed: 0 });
  const undone = commands.toggleClosed();
  expect(shown()).toEqual({ status: "open", priority: false, listed: 1 });
  for (let n = 0; n < 4; n += 1) {
    await vi.waitFor(() => expect(sent).toHaveLength(n + 1));
    sent[n]?.answer(200, { seq: n + 2 });
  }
  await Promise.all([...all, undone]);
  expect(whats()).toEqual([
    'priority {"priority":true}',
    'priority {"priority":false}',
    "close {}",
    "reopen {}",
  ]);
});

test("one that is refused is put back alone, and its successor is sent", async () => {
  const commands = commandsOn(client, "c1");
  const flagged = commands.togglePriority();
  const closed = commands.toggleClosed();
  sent[0]?.answer(403);
  await flagged;
  expect(shown()).toEqual({ status: "closed", priority: false, listed: 0 });
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  sent[1]?.answer(403);
  await closed;
  expect(shown()).toEqual({ status: "open", priority: false, listed: 1 });
});

test("undoing the first while another waits undoes the first alone", async () => {
  const commands = commandsOn(client, "c1");
  const closed = commands.toggleClosed();
  sent[0]?.answer(200, { seq: 2, status: "closed" });
  await closed;
  const flagged = commands.togglePriority();
  const [said] = toasts.get().shown;
  expect(said?.text).toBe("Closed · Rosa: Order");
  said?.action?.run();
  expect(shown()).toEqual({ status: "open", priority: true, listed: 1 });
  sent[1]?.answer(200, { seq: 3, status: "closed", priority: true });
  await flagged;
  expect(shown()).toEqual({ status: "open", priority: true, listed: 1 });
  await vi.waitFor(() => expect(whats().at(-1)).toBe("reopen {}"));
  sent[2]?.answer(200, { seq: 4, priority: true });
  await vi.waitFor(() => expect(localStorage).toHaveLength(0));
});

test("news that came before the answer is right once there is one", async () => {
  const closed = commandsOn(client, "c1").toggleClosed();
  const reply = entry(3, "CustomerReplied", { message: message() }, { by: customer });
  const event = { ...reply, conversation_id: "c1" };
  onFrame(client, { type: "event", id: "l", event, head: head({ seq: 3, priority: true }) }, "maya");
  expect(shown()).toEqual({ status: "closed", priority: true, listed: 0 });
  // The service closed it first, and the customer's reply opened it again.
  sent[0]?.answer(200, { seq: 2, status: "closed" });
  await closed;
  expect(shown()).toEqual({ status: "open", priority: true, listed: 1 });
});

test("an answer that was asked for before does not show it as not done", async () => {
  const row = { head: head({ seq: 1 }), unread: false };
  const asked = client.fetchQuery({ ...conversationQuery("c1"), queryFn: async () => row, staleTime: 0 });
  const closed = commandsOn(client, "c1").toggleClosed();
  await asked;
  expect(shown().status).toBe("closed");
  sent[0]?.answer(403);
  await closed;
  expect(shown().status).toBe("open");
});

test("what waits for the connection stays shown while what was done before it is answered", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  unplugged = true;
  const commands = commandsOn(client, "c1");
  const done = [commands.togglePriority(), commands.toggleClosed()];
  await vi.advanceTimersByTimeAsync(6000);
  await Promise.all(done);
  expect(queue.get().waiting).toHaveLength(2);
  unplugged = false;
  const drained = drain(client);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  sent[0]?.answer(200, { seq: 2, priority: true });
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(shown()).toEqual({ status: "closed", priority: true, listed: 0 });
  sent[1]?.answer(409);
  await drained;
  expect(shown()).toEqual({ status: "open", priority: true, listed: 1 });
  vi.useRealTimers();
});

test("what another tab does and is refused is shown only as long as it is not decided", () => {
  const key = "switchboard.waiting.1.1.k";
  const change = { status: "closed" };
  const theirs = {
    key: "k",
    agentId: "",
    conversationId: "c1",
    path: "/close",
    body: {},
    change,
    refused: "No.",
  };
  localStorage.setItem(key, JSON.stringify(theirs));
  queueChanged(client);
  const reply = entry(2, "CustomerReplied", { message: message() }, { by: customer });
  const event = { ...reply, conversation_id: "c1" };
  onFrame(client, { type: "event", id: "l", event, head: head({ seq: 2 }) }, "maya");
  expect(shown().status).toBe("closed");
  localStorage.removeItem(key);
  queueChanged(client);
  expect(shown()).toEqual({ status: "open", priority: false, listed: 1 });
});

test("what has its turn when somebody else is signed in waits for who did it", async () => {
  const session = (agent_id: string) =>
    ({ access_token: "t", expires_in_s: 600, agent: { agent_id } }) as unknown as Session;
  goOnWith(session("maya"));
  const commands = commandsOn(client, "c1");
  const flagged = commands.togglePriority();
  const closed = commands.toggleClosed();
  goOnWith(session("jonas"));
  sent[0]?.answer(200, { seq: 2, priority: true });
  await Promise.all([flagged, closed]);
  expect(whats()).toEqual(['priority {"priority":true}']);
  goOnWith(session("maya"));
  drain(client);
  await vi.waitFor(() => expect(whats()).toEqual(['priority {"priority":true}', "close {}"]));
  sent[1]?.answer(200, { seq: 3, priority: true, status: "closed" });
  await vi.waitFor(() => expect(localStorage.length).toBe(0));
});
