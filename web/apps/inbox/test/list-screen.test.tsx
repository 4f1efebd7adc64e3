// @vitest-environment jsdom
/** The list as an agent uses it, on the whole inbox with answers made up: choose, act, narrow, save, arrange. */
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NOTHING, selection } from "@/lib/selection";
import { head } from "./examples";

const permissions = ["conversations.read", "conversations.reply", "conversations.edit"];
const role = { role_id: "agent", name: "Agent", permissions };
const agent = {
  agent_id: "maya",
  name: "Maya",
  email: "maya@switchboard.example",
  role_id: "agent",
  team_ids: ["support"],
  brand_ids: [],
  capacity: 9,
  active: true,
};
const brand = {
  brand_id: "paleo-hacks",
  name: "Paleo Hacks",
  color: "#b91c1c",
  time_zone: "UTC",
  site: "",
  active: true,
};
const view = {
  id: "v",
  name: "Refunds",
  filter: { inbox: "all", brand: "paleo-hacks", status: "closed", tags: [] },
  sort: "oldest",
  team_id: null,
  mine: true,
};
const job = (part: object) => ({
  id: "j",
  action: { kind: "close" },
  state: "running",
  total: 40,
  done: 0,
  changed: 0,
  unchanged: 0,
  failed: 0,
  failures: [],
  can_undo: false,
  undo_of: null,
  created_at: "2026-03-02T09:00:00Z",
  finished_at: null,
  ...part,
});
const finished = job({
  state: "finished",
  done: 40,
  changed: 38,
  failed: 2,
  can_undo: true,
  finished_at: "2026-03-02T09:00:00Z",
  failures: [
    { conversation_id: "c1", code: "assigned_to_other", message: "Somebody else has it." },
    { conversation_id: "gone", code: "unknown_conversation", message: "It is not one of yours." },
  ],
});
const rows = Array.from({ length: 40 }, (_, n) => ({
  head: head({ id: `c${n}`, subject: `Subject ${n}`, contact_name: `Person ${n}` }),
  unread: n % 3 === 0,
}));

/** What beginning a job is answered with. */
let begin: () => unknown;

const ANSWERS: Record<string, (method: string) => unknown> = {
  "/api/tickets/session/refresh": () => ({ access_token: "t", expires_in_s: 600, agent }),
  "/api/tickets/me": () => ({ agent, role, permissions }),
  "/api/tickets/directory": () => ({
    settings: { seq: 0, away_reasons: [] },
    agents: [agent],
    teams: [{ team_id: "support", name: "Support", channels: ["email"] }],
    roles: [role],
    brands: [{ ...brand, addresses: [], lines: [], topics: ["Billing"] }],
    ticket_types: [],
    attributes: [],
  }),
  "/api/tickets/inboxes": () => ({ counts: { mine: 3, all: 40 }, waiting: { mine: 1 } }),
  "/api/tickets/tags": () => [{ tag: "refund", count: 3 }],
  "/api/tickets/views": () => ({ items: [view] }),
  "/api/tickets/sidebar": () => ({ pinned: [], unpinned: ["all", "unassigned"], changed: false }),
  "/api/tickets/bulk": (method) => (method === "POST" ? begin() : { items: [] }),
  "/api/tickets/bulk/j": () => finished,
  "/api/tickets/conversations": () => ({ items: rows, next_cursor: null, total: 40 }),
  "/api/routing/availability": () => ({ items: [] }),
};

let asked: string[] = [];

async function answered(path: string, init?: RequestInit): Promise<Response> {
  const { pathname, search } = new URL(path, "http://desk.example");
  const method = init?.method ?? "GET";
  asked.push(`${method} ${pathname}${search} ${init?.body ?? ""}`);
  const answer = await ANSWERS[pathname]?.(method);
  const status = answer === undefined ? 404 : 200;
  return new Response(JSON.stringify(answer ?? { title: "Not found", status }), { status });
}

/** The screen of a test has no size: every element is as large as a window, so that rows are in sight. */
function giveSizes(): void {
  for (const [name, px] of [
    ["clientHeight", 800],
    ["clientWidth", 1200],
  ] as const) {
    Object.defineProperty(Element.prototype, name, { configurable: true, get: () => px });
  }
  Element.prototype.scrollTo = () => undefined;
  window.scrollTo = () => undefined;
}

class Nothing {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
  close(): void {}
  send(): void {}
  addEventListener(): void {}
}

beforeEach(() => {
  asked = [];
  begin = () => job({});
  selection.set(NOTHING);
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("fetch", answered);
  vi.stubGlobal("ResizeObserver", Nothing);
  vi.stubGlobal("WebSocket", Nothing);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  giveSizes();
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

let root: Root;

async function openInbox(): Promise<void> {
  window.history.pushState({}, "", "/inbox/all");
  const { App } = await import("@/app/App");
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () => root.render(<App />));
  await until(() => document.querySelector("[data-row]"), "no rows");
}

async function until(check: () => unknown, what: string): Promise<void> {
  const end = Date.now() + 20_000;
  while (!check()) {
    if (Date.now() > end) throw new Error(`${what}\n${asked.join("\n")}`);
    await act(() => new Promise((resolve) => setTimeout(resolve, 20)));
  }
}

const says = (words: string) => (): boolean => document.body.textContent?.includes(words) ?? false;
const wasAsked = (words: string) => (): boolean => asked.some((each) => each.includes(words));

async function click(name: string, selector = "button"): Promise<void> {
  const find = (): HTMLElement | undefined =>
    [...document.querySelectorAll<HTMLElement>(selector)].find(
      (each) => (each.getAttribute("aria-label") ?? each.textContent ?? "").trim() === name,
    );
  await until(find, `nothing is called ${name}`);
  await act(async () => find()?.click());
}

const press = (key: string, part: KeyboardEventInit = {}): Promise<void> =>
  act(async () => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...part }));
  });

test("rows are chosen by keys, acted on at once, and those that fail are named; the list is narrowed, saved and arranged", async () => {
  const faults = vi.spyOn(console, "error");
  await openInbox();

  await press("x");
  await until(says("1 chosen"), "x");
  await press("ArrowDown", { shiftKey: true });
  await until(says("2 chosen"), "shift and arrow");
  await press("a", { ctrlKey: true });
  await until(says("All 40 chosen"), "all");
  await press("e");
  await until(() => document.querySelector("progress"), "no progress");
  await until(says("2 could not be changed"), "no failures");
  for (const words of [
    "Person 1: Subject 1",
    "Somebody else has it.",
    "A conversation that is not yours to see",
  ])
    await until(says(words), words);
  expect(says("Closed 38 conversations. 2 could not be.")()).toBe(true);
  const begun = asked.filter((each) => each.startsWith("POST /api/tickets/bulk"));
  expect(begun).toEqual([
    'POST /api/tickets/bulk {"action":{"kind":"close"},"filter":{"inbox":"all","status":"open"},"without_ids":[]}',
  ]);

  await click("Filter by brand, team, tag…");
  await click("Brand");
  await click("Paleo Hacks", "[role=menuitemcheckbox]");
  await until(wasAsked("inbox=all&status=open&sort=newest&brand=paleo-hacks"), "not narrowed");
  await click("Save as view…");
  await until(() => document.querySelector("[role=dialog] input"), "no form");
  await press("Escape");
  await click("Clear");
  await click("Show as a table");
  await until(() => document.querySelector("[role=table] [role=cell]"), "no table");
  await click("Last activity");
  await until(wasAsked("sort=oldest"), "not sorted");

  await click("Manage");
  await click("Edit sidebar", "[role=menuitem]");
  await click("Pin All");
  await until(
    wasAsked('PUT /api/tickets/sidebar {"pinned":["mine","mentions","created","following","spam","view:v"'),
    "not kept",
  );
  await click("Done");
  await click("Refunds");
  await until(wasAsked("inbox=all&status=closed&sort=oldest&brand=paleo-hacks"), "the view is not asked for");
  expect(faults).not.toHaveBeenCalled();
}, 60_000);

const begun = (): number => asked.filter((each) => each.startsWith("POST /api/tickets/bulk")).length;
const chosen = (): (string | null)[] =>
  [...document.querySelectorAll("[data-chosen]")].map((row) => row.getAttribute("data-row"));

test("what is acted on is let go at once, and comes back where it is refused and nothing else is chosen", async () => {
  let refuse: (answer: undefined) => void = () => undefined;
  begin = () =>
    new Promise((resolve) => {
      refuse = resolve;
    });
  await openInbox();
  await press("x");
  await press("e");
  expect([chosen(), begun()]).toEqual([[], 1]);
  await press("e");
  expect(begun()).toBe(1);
  await act(async () => refuse(undefined));
  await until(() => chosen().length === 1, "not put back");
  expect(chosen()).toEqual(["c0"]);

  await press("e");
  await act(async () => point("c3"));
  await press("x");
  await act(async () => refuse(undefined));
  await until(says("Nothing was changed."), "not said");
  expect(chosen()).toEqual(["c3"]);
}, 60_000);

const rowOf = (id: string): Element | null => document.querySelector(`[data-row="${id}"]`);
function point(id: string): void {
  for (const type of ["pointerover", "pointermove"])
    rowOf(id)?.dispatchEvent(new MouseEvent(type, { bubbles: true }));
}

test("x is about the row that was moved to last, by the pointer, by j and k, or by the focus", async () => {
  await openInbox();
  await act(async () => point("c5"));
  await press("j");
  await until(() => window.location.pathname.endsWith("/c0"), "not moved");
  await press("x");
  await until(() => chosen().length > 0, "x");
  expect(chosen()).toEqual(["c0"]);

  await act(async () => rowOf("c3")?.querySelector<HTMLElement>("a, button, input")?.focus());
  await press("j");
  await until(() => window.location.pathname.endsWith("/c1"), "not moved");
  await press("x");
  await act(async () => point("c7"));
  await press("x");
  await act(async () => rowOf("c9")?.querySelector<HTMLElement>("a, button, input")?.focus());
  await press("x");
  expect(chosen()).toEqual(["c0", "c1", "c7", "c9"]);
}, 60_000);

test("a key that is held acts once, unless it goes through the list", async () => {
  await openInbox();
  await press("x");
  for (let n = 0; n < 3; n += 1) await press("x", { repeat: true });
  expect(chosen()).toHaveLength(1);
  await press("j");
  const at = window.location.pathname;
  await press("j", { repeat: true });
  await until(() => window.location.pathname !== at, "not moved");
  await press("p");
  await press("p", { repeat: true });
  expect(begun()).toBe(1);
}, 60_000);
