// @vitest-environment jsdom
/** What was shown at once and refused: what comes back, and what others changed meanwhile and stays. */
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HeldReply } from "@/api/drafts";
import type { Availability } from "@/api/people";
import { applyAnswer } from "@/data/answer";
import { type Availabilities, setAvailability } from "@/data/availability";
import { outboxQuery, preferencesQuery, putPreferences } from "@/data/drafts";
import { keys } from "@/data/keys";
import { askEarlier } from "@/data/sla";
import { putSidebar, sidebarQuery } from "@/data/views";
import { onFrame } from "@/live/useLive";
import { head } from "./examples";

let client: QueryClient;
let answers: ((status: number, body?: object) => void)[];
let bodies: unknown[];
beforeEach(() => {
  client = new QueryClient();
  answers = [];
  bodies = [];
  const asked = (_: string, init: RequestInit): Promise<Response> => {
    bodies.push(init.body && JSON.parse(String(init.body)));
    return new Promise((resolve) =>
      answers.push((status, body = { title: "No", status }) =>
        resolve(new Response(JSON.stringify(body), { status })),
      ),
    );
  };
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
});

const asked = (count: number): Promise<void> => vi.waitFor(() => expect(answers.length).toBe(count));
const row = (agent_id: string, status: Availability["status"]): Availability => ({
  agent_id,
  status,
  reason: "",
});
const statuses = (): Record<string, string> =>
  Object.fromEntries(
    (client.getQueryData<Availabilities>(keys.availability)?.items ?? []).map((each) => [
      each.agent_id,
      each.status,
    ]),
  );
const comes = (agent_id: string, status: Availability["status"]): void =>
  onFrame(
    client,
    { type: "availability", id: "l", agent_id, status, reason: "", at: "2026-03-02T09:00:00Z" },
    "maya",
  );

test("being away that is refused changes nobody else’s status back", async () => {
  client.setQueryData(keys.availability, {
    items: [row("maya", "online"), row("jonas", "online")],
    away_reasons: [],
  });
  const done = setAvailability(client, "maya", "away", "Lunch").catch(() => "refused");
  expect(statuses()).toEqual({ maya: "away", jonas: "online" });
  comes("jonas", "offline");
  await asked(1);
  answers[0]?.(403);
  expect(await done).toBe("refused");
  expect(statuses()).toEqual({ maya: "online", jonas: "offline" });
});

test("a status that was set elsewhere meanwhile stays, and an unknown one is unknown again", async () => {
  client.setQueryData(keys.availability, { items: [row("maya", "online")], away_reasons: [] });
  const done = setAvailability(client, "maya", "away", "Lunch").catch(() => "refused");
  comes("maya", "offline");
  await asked(1);
  answers[0]?.(403);
  await done;
  expect(statuses()).toEqual({ maya: "offline" });

  client.setQueryData(keys.availability, { items: [], away_reasons: [] });
  const again = setAvailability(client, "maya", "away", "Lunch").catch(() => "refused");
  await asked(2);
  answers[1]?.(403);
  await again;
  expect(statuses()).toEqual({});
});

test("of two statuses the second is sent after the first, and stays", async () => {
  client.setQueryData(keys.availability, { items: [row("maya", "online")], away_reasons: [] });
  const first = setAvailability(client, "maya", "away", "Lunch");
  const second = setAvailability(client, "maya", "offline", "");
  expect(statuses()).toEqual({ maya: "offline" });
  await asked(1);
  answers[0]?.(200);
  await first;
  expect(statuses()).toEqual({ maya: "offline" });
  await asked(2);
  expect(bodies[1]).toEqual({ status: "offline", reason: "" });
  answers[1]?.(200);
  await second;
});

const pinned = (): unknown => client.getQueryData<{ pinned: string[] }>(keys.sidebar)?.pinned;
const pin = (key: string): Promise<string> =>
  putSidebar(client, { pinned: [key], unpinned: [] }).then(
    () => "kept",
    () => "refused",
  );

test("of two changes of the sidebar the second stays when the first is refused", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const first = pin("b");
  const second = pin("c");
  expect(pinned()).toEqual(["c"]);
  answers[0]?.(403);
  expect([await first, pinned()]).toEqual(["refused", ["c"]]);
  expect(client.getQueryState(keys.sidebar)?.isInvalidated).toBe(false);
  await asked(2);
  answers[1]?.(200);
  expect([await second, pinned()]).toEqual(["kept", ["c"]]);
  expect(client.getQueryState(keys.sidebar)?.isInvalidated).toBe(true);
});

test("a change of the sidebar that is refused gives way to what was kept last", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const first = pin("b");
  const second = pin("c");
  answers[0]?.(200);
  expect(await first).toBe("kept");
  await vi.waitFor(() => expect(answers.length).toBe(2));
  answers[1]?.(403);
  expect([await second, pinned()]).toEqual(["refused", ["b"]]);
});

/** What was first in each sidebar that was sent. */
const firsts = (): unknown[] => bodies.map((body) => (body as { pinned: string[] }).pinned[0]);

test("while one change is on its way, of those that wait the newest alone is sent", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const all = ["b", "c", "d", "e"].map(pin);
  expect(pinned()).toEqual(["e"]);
  expect(firsts()).toEqual(["b"]);
  answers[0]?.(200);
  await vi.waitFor(() => expect(firsts()).toEqual(["b", "e"]));
  answers[1]?.(200);
  expect(await Promise.all(all)).toEqual(["kept", "kept", "kept", "kept"]);
});

test("who leaves the page while a change is on its way keeps the newest that waits behind it", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const all = ["b", "c", "d"].map(pin);
  window.dispatchEvent(new Event("pagehide"));
  expect(firsts()).toEqual(["b", "d"]);
  // Who came back by the browser's button has it once.
  answers[0]?.(200);
  answers[1]?.(200);
  expect(await Promise.all(all)).toEqual(["kept", "kept", "kept"]);
  window.dispatchEvent(new Event("pagehide"));
  expect(firsts()).toEqual(["b", "d"]);
});

test("a change of the sidebar is shown at once, also while an older answer is on its way", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const older = client.fetchQuery({ ...sidebarQuery, staleTime: 0 }).catch(() => "given up");
  await vi.waitFor(() => expect(answers.length).toBe(1));
  const change = pin("b");
  expect(pinned()).toEqual(["b"]);
  answers[0]?.(200);
  await older;
  expect(pinned()).toEqual(["b"]);
  answers[1]?.(200);
  expect([await change, pinned()]).toEqual(["kept", ["b"]]);
});

test("of two choices of seconds the last one stays, whatever was asked for before", async () => {
  const older = client.fetchQuery({ ...preferencesQuery, staleTime: 0 }).catch(() => "given up");
  await asked(1);
  const seconds = (): unknown => client.getQueryData<{ undo_send_s: number }>(keys.preferences)?.undo_send_s;
  const first = putPreferences(client, { undo_send_s: 7 });
  const second = putPreferences(client, { undo_send_s: 10 });
  answers[0]?.(200, { undo_send_s: 5 });
  await older;
  expect(seconds()).toBe(10);
  await asked(2);
  answers[1]?.(200);
  await first;
  await asked(3);
  expect(bodies.slice(1)).toEqual([{ undo_send_s: 7 }, { undo_send_s: 10 }]);
  answers[2]?.(200);
  await second;
  expect(seconds()).toBe(10);
});

test("a policy that is asked earlier twice goes up by two", async () => {
  const policies = ["a", "b", "c"].map((id) => ({ id }));
  client.setQueryData(keys.policies, policies);
  const moves = [askEarlier(client, "c"), askEarlier(client, "c"), askEarlier(client, "c")];
  expect(client.getQueryData(keys.policies)).toEqual([{ id: "c" }, { id: "a" }, { id: "b" }]);
  for (let n = 0; n < 3; n += 1) {
    await asked(n + 1);
    answers[n]?.(200);
  }
  await Promise.all(moves);
  expect(bodies[0]).toEqual({ ids: ["a", "c", "b"] });
  expect(bodies[1]).toEqual({ ids: ["c", "a", "b"] });
});

test("a reply that is held is shown, also when an answer of before comes after it", async () => {
  const stop = new QueryObserver(client, outboxQuery).subscribe(() => undefined);
  await asked(1);
  const held = { id: "h", conversation_id: "c1", contact_name: "Rosa", left_s: 5 } as HeldReply;
  applyAnswer(client, { head: head({ seq: 2 }), events: [], held });
  const shown = (): unknown => client.getQueryData<HeldReply[]>(keys.outbox)?.map(({ id }) => id);
  answers[0]?.(200, { items: [] });
  await asked(2);
  expect(shown()).toEqual(["h"]);
  answers[1]?.(200, { items: [held] });
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  expect(shown()).toEqual(["h"]);
  stop();
});
