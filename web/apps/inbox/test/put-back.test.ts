/** What was shown at once and refused: what comes back, and what others changed meanwhile and stays. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Availability } from "@/api/people";
import { type Availabilities, setAvailability } from "@/data/availability";
import { keys } from "@/data/keys";
import { putSidebar, sidebarQuery } from "@/data/views";
import { onFrame } from "@/live/useLive";

let client: QueryClient;
let answers: ((status: number) => void)[];
/** What was first in each sidebar that was sent. */
let sent: string[];
beforeEach(() => {
  client = new QueryClient();
  answers = [];
  sent = [];
  const asked = (_path: string, { body }: RequestInit): Promise<Response> => {
    if (typeof body === "string") sent.push(JSON.parse(body).pinned?.[0]);
    return new Promise((resolve) =>
      answers.push((status) => resolve(new Response(JSON.stringify({ title: "No", status }), { status }))),
    );
  };
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
});

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
  answers[0]?.(403);
  expect(await done).toBe("refused");
  expect(statuses()).toEqual({ maya: "online", jonas: "offline" });
});

test("a status that was set elsewhere meanwhile stays, and an unknown one is unknown again", async () => {
  client.setQueryData(keys.availability, { items: [row("maya", "online")], away_reasons: [] });
  const done = setAvailability(client, "maya", "away", "Lunch").catch(() => "refused");
  comes("maya", "offline");
  answers[0]?.(403);
  await done;
  expect(statuses()).toEqual({ maya: "offline" });

  client.setQueryData(keys.availability, { items: [], away_reasons: [] });
  const again = setAvailability(client, "maya", "away", "Lunch").catch(() => "refused");
  answers[1]?.(403);
  await again;
  expect(statuses()).toEqual({});
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
  await vi.waitFor(() => expect(answers.length).toBe(2));
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

test("while one change is on its way, of those that wait the newest alone is sent", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const all = ["b", "c", "d", "e"].map(pin);
  expect(pinned()).toEqual(["e"]);
  expect(sent).toEqual(["b"]);
  answers[0]?.(200);
  await vi.waitFor(() => expect(sent).toEqual(["b", "e"]));
  answers[1]?.(200);
  expect(await Promise.all(all)).toEqual(["kept", "kept", "kept", "kept"]);
});

test("a change of the sidebar is shown at once, also while an older answer is on its way", async () => {
  client.setQueryData(keys.sidebar, { pinned: ["a"], unpinned: [], changed: false });
  const asked = client.fetchQuery({ ...sidebarQuery, staleTime: 0 }).catch(() => "given up");
  await vi.waitFor(() => expect(answers.length).toBe(1));
  const change = pin("b");
  expect(pinned()).toEqual(["b"]);
  answers[0]?.(200);
  await asked;
  expect(pinned()).toEqual(["b"]);
  answers[1]?.(200);
  expect([await change, pinned()]).toEqual(["kept", ["b"]]);
});
