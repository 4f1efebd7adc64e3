// @vitest-environment jsdom
/** What is done to a ticket by keys and clicks that are quicker than the answers. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TicketHead } from "@/api/tickets";
import { keys } from "@/data/keys";
import { drain, queueChanged } from "@/data/queue";
import { ticketChanged } from "@/data/ticket-shown";
import { ticketCommands } from "@/data/tickets";
import { refreshQueue } from "@/data/undecided";
import { listed } from "@/lib/waiting";
import { ticket } from "./examples";

let client: QueryClient;
let sent: {
  path: string;
  key: string | null;
  body: string;
  answer: (head: TicketHead) => void;
  refuse: () => void;
}[];
/** Whether the line is there. */
let line: boolean;
beforeEach(() => {
  client = new QueryClient();
  localStorage.clear();
  refreshQueue();
  sent = [];
  line = true;
  const asked = (path: string, init?: RequestInit): Promise<Response> => {
    if (!line) return Promise.reject(new TypeError("Failed to fetch"));
    return new Promise((resolve) =>
      sent.push({
        path,
        key: new Headers(init?.headers).get("Idempotency-Key"),
        body: String(init?.body),
        answer: (head) => resolve(Response.json({ head, events: [] })),
        refuse: () =>
          resolve(Response.json({ title: "It is gone.", code: "no", status: 409 }, { status: 409 })),
      }),
    );
  };
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
});

const shown = () => {
  const { team_id, assignee_id } = client.getQueryData<TicketHead>(keys.ticket("t1")) ?? {};
  return [team_id, assignee_id];
};

test("a second choice of whose a ticket is counts from the first, and both stay", async () => {
  client.setQueryData(keys.ticket("t1"), ticket({ team_id: null, assignee_id: null }));
  const commands = ticketCommands(client, "t1");
  const first = commands.assign(ticket(), { team_id: "billing" });
  const second = commands.assign(ticket(), { assignee_id: "jonas" });
  expect(shown()).toEqual(["billing", "jonas"]);
  await vi.waitFor(() => expect(sent.length).toBe(1));
  expect(JSON.parse(sent[0]?.body ?? "")).toEqual({ team_id: "billing", assignee_id: null });

  ticketChanged(client, "t1", 2);
  expect(shown()).toEqual(["billing", "jonas"]);
  sent[0]?.answer(ticket({ seq: 2, team_id: "billing", assignee_id: null }));
  await first;
  expect(shown()).toEqual(["billing", "jonas"]);
  await vi.waitFor(() => expect(sent.length).toBe(2));
  expect(JSON.parse(sent[1]?.body ?? "")).toEqual({ team_id: "billing", assignee_id: "jonas" });
  sent[1]?.answer(ticket({ seq: 3, team_id: "billing", assignee_id: "jonas" }));
  await second;
  expect(shown()).toEqual(["billing", "jonas"]);
  expect(listed("")).toEqual([]);
});

/** Time enough for what is tried again at once to have been. */
const patiently = async <T>(work: Promise<T>): Promise<T> => {
  await vi.advanceTimersByTimeAsync(6000);
  return work;
};
const state = () => client.getQueryData<TicketHead>(keys.ticket("t1"))?.state;

test("what is done without a line is shown, waits, and goes in order under its own keys when the line is back", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const before = ticket({ state: "submitted", due_at: null });
  client.setQueryData(keys.ticket("t1"), before);
  client.setQueryData(keys.ticketList({ sort: "newest" }), {
    pages: [{ items: [before], next_cursor: null }],
    pageParams: [null],
  });
  const commands = ticketCommands(client, "t1");
  line = false;
  expect(await patiently(commands.move("in_progress"))).toBe(false);
  expect(await commands.setDue("2026-05-04T09:00:00Z")).toBe(false);
  const listedState = () =>
    client.getQueryData<{ pages: { items: TicketHead[] }[] }>(keys.ticketList({ sort: "newest" }))?.pages[0]
      ?.items[0]?.state;
  expect([state(), listedState()]).toEqual(["in_progress", "in_progress"]);
  const waiting = listed("").map(({ key }) => key);

  line = true;
  const draining = drain(client);
  await vi.waitFor(() => expect(sent.length).toBe(1));
  sent[0]?.answer(ticket({ seq: 2, state: "in_progress", due_at: null }));
  await vi.waitFor(() => expect(sent.length).toBe(2));
  // What the first answer says does not hide the second, which is on its way.
  expect(client.getQueryData<TicketHead>(keys.ticket("t1"))?.due_at).toBe("2026-05-04T09:00:00Z");
  sent[1]?.answer(ticket({ seq: 3, state: "in_progress", due_at: "2026-05-04T09:00:00Z" }));
  await draining;
  expect(sent.map(({ key }) => key)).toEqual(waiting);
  expect(sent.map(({ path }) => path.split("/").at(-1))).toEqual(["state", "due"]);
  expect(listed("")).toEqual([]);
  vi.useRealTimers();
});

test("what is refused is taken off the screen, and only that", async () => {
  client.setQueryData(keys.ticket("t1"), ticket({ state: "submitted", due_at: null }));
  const commands = ticketCommands(client, "t1");
  const moving = commands.move("in_progress");
  const promised = commands.setDue("2026-05-04T09:00:00Z");
  expect(state()).toBe("in_progress");
  await vi.waitFor(() => expect(sent.length).toBe(1));
  sent[0]?.refuse();
  await expect(moving).rejects.toThrow("It is gone.");
  const shownNow = client.getQueryData<TicketHead>(keys.ticket("t1"));
  expect([shownNow?.state, shownNow?.due_at]).toEqual(["submitted", "2026-05-04T09:00:00Z"]);
  await vi.waitFor(() => expect(sent.length).toBe(2));
  sent[1]?.answer(ticket({ seq: 2, state: "submitted", due_at: "2026-05-04T09:00:00Z" }));
  expect(await promised).toBe(true);
});

test("what another tab has sent is not laid over the ticket here any more", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  client.setQueryData(keys.ticket("t1"), ticket({ state: "submitted" }));
  line = false;
  await patiently(ticketCommands(client, "t1").move("resolved"));
  expect(state()).toBe("resolved");
  localStorage.clear();
  queueChanged(client);
  expect(state()).toBe("submitted");
  vi.useRealTimers();
});
