// @vitest-environment jsdom
/** Notices: in words, by conversation, and what a frame changes on the screen. */
import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Notice, NoticeKind, NoticePage } from "../src/api/notices";
import { lookedAt, noticeCame, noticesQuery, opener, readNotices, unreadQuery } from "../src/data/notices";
import { addressOf, grouped, noticeWords, subjectAt } from "../src/lib/notices";

const lena = { kind: "agent" as const, id: "lena", name: "Lena Brandt" };

function notice(change: Partial<Notice> = {}): Notice {
  return {
    id: "n1",
    kind: "mention",
    at: "2026-03-02T09:00:00Z",
    by: lena,
    conversation_id: "c1",
    ticket_id: null,
    title: "Where is it?",
    contact_name: "Ann",
    excerpt: "look at this",
    read_at: null,
    ...change,
  };
}

const frame = (change: Partial<Notice> = {}, ways = { in_app: true, desktop: true }) => ({
  type: "notice" as const,
  id: "1-0",
  notice: notice(change),
  ...ways,
});

const asked: string[] = [];
const shown: { title: string; tag?: string; click: () => void }[] = [];
let client: QueryClient;

class FakeNotification {
  static permission = "granted";
  onclick: (() => void) | null = null;
  constructor(title: string, { tag = "" }: { tag?: string }) {
    shown.push({ title, tag, click: () => this.onclick?.() });
  }
  close(): void {}
}

beforeEach(() => {
  asked.length = 0;
  shown.length = 0;
  client = new QueryClient();
  FakeNotification.permission = "granted";
  vi.stubGlobal("Notification", FakeNotification);
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${path} ${init?.body ?? ""}`.trim());
    const page = { items: [], next_cursor: null, unread: 0 };
    return new Response(JSON.stringify(path.endsWith("/unread") ? { unread: 2 } : page));
  });
  window.history.replaceState(null, "", "/inbox/mine");
});

afterEach(() => {
  opener.open = null;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function show(items: Notice[], unread: number): void {
  const pages: NoticePage[] = [{ items, next_cursor: null, unread }];
  client.setQueryData(noticesQuery.queryKey, { pages, pageParams: [""] });
  client.setQueryData(unreadQuery.queryKey, { unread });
}

const items = (): Notice[] => client.getQueryData(noticesQuery.queryKey)?.pages[0]?.items ?? [];
const unread = (): number | undefined => client.getQueryData(unreadQuery.queryKey)?.unread;

test.each<[NoticeKind, Partial<Notice>, string]>([
  ["mention", {}, "Lena Brandt mentioned you"],
  ["team_mention", {}, "Lena Brandt mentioned your team"],
  ["assigned", {}, "Lena Brandt gave you this conversation"],
  ["assigned", { by: { kind: "rule", id: "r", name: "VIP" } }, "Rule “VIP” gave you this conversation"],
  ["assigned", { conversation_id: null, ticket_id: "t1" }, "Lena Brandt gave you this ticket"],
  ["reply", {}, "Ann replied"],
  ["reply", { contact_name: "" }, "The customer replied"],
  ["ticket", { by: { kind: "system", id: "", name: "" } }, "Switchboard updated a linked ticket"],
  ["alert", { by: { kind: "rule", id: "r", name: "VIP" } }, "Rule “VIP” asks you to have a look"],
  ["call_missed", { contact_name: "+1 310" }, "+1 310 called and wasn’t answered"],
])("%s is said as %s", (kind, change, words) => {
  expect(noticeWords(notice({ kind, ...change }))).toBe(words);
});

test("notices stand by what they are about, that with the newest first", () => {
  const found = grouped([
    notice({ id: "3", conversation_id: "b" }),
    notice({ id: "2", conversation_id: null, ticket_id: "b" }),
    notice({ id: "1", conversation_id: "b" }),
  ]);
  expect(found.map((each) => each.notices.map(({ id }) => id))).toEqual([["3", "1"], ["2"]]);
});

test.each([
  ["/inbox/mine/c%2F1", { conversation_id: "c/1" }],
  ["/tickets/open/t1", { ticket_id: "t1" }],
  ["/inbox/mine", null],
  ["/contacts/all/c1", null],
])("%s shows %o", (path, subject) => {
  expect(subjectAt(path)).toEqual(subject);
});

test("a notice leads to its conversation or ticket", () => {
  expect(addressOf(notice())).toBe("/inbox/mentions/c1");
  expect(addressOf(notice({ kind: "reply" }))).toBe("/inbox/mine/c1");
  expect(addressOf(notice({ conversation_id: null, ticket_id: "t 1" }))).toBe("/tickets/open/t%201");
});

test("what comes is counted, put first, and shown by the browser once", () => {
  show([notice({ id: "old" })], 1);
  noticeCame(client, frame({ id: "new" }));
  noticeCame(client, frame({ id: "new" }));
  expect(items().map(({ id }) => id)).toEqual(["new", "old"]);
  expect(shown.map(({ tag }) => tag)).toEqual(["new", "new"]);
  const open = vi.fn();
  opener.open = open;
  shown[0]?.click();
  expect(open).toHaveBeenCalledOnce();
});

test.each([
  [{ in_app: true, desktop: false }, 2, 0],
  [{ in_app: false, desktop: true }, 1, 1],
])("%o is told there and nowhere else", (ways, count, popped) => {
  show([], 1);
  noticeCame(client, frame({}, ways));
  expect([unread(), shown.length]).toEqual([count, popped]);
});

test("who said no to the browser is not shown anything by it", () => {
  FakeNotification.permission = "denied";
  noticeCame(client, frame());
  expect(shown).toEqual([]);
});

test("what one is looking at needs no telling", () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  window.history.replaceState(null, "", "/inbox/mine/c1");
  show([], 0);
  noticeCame(client, frame());
  expect([unread(), shown.length]).toEqual([0, 0]);
  expect(asked).toContain('POST /api/notifications/notices/read {"ids":["n1"]}');
});

test("going to a conversation reads what one was told of it, and asks nothing when nothing is unread", async () => {
  vi.stubGlobal("fetch", async (path: string, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${path} ${init?.body ?? ""}`.trim());
    return new Response(JSON.stringify({ unread: 2 }));
  });
  show([notice(), notice({ id: "n2", conversation_id: "c2" })], 2);
  window.history.replaceState(null, "", "/inbox/mine/c1");
  await lookedAt(client, "/inbox/mine/c1");
  expect(asked).toEqual(['POST /api/notifications/notices/read {"conversation_id":"c1"}']);
  expect(items().map(({ read_at }) => read_at !== null)).toEqual([true, false]);
  client.setQueryData(unreadQuery.queryKey, { unread: 0 });
  await lookedAt(client, "/inbox/mine/c1");
  expect(asked).toHaveLength(1);
});

test("all up to the newest are read at once", async () => {
  show([notice({ at: "2026-03-02T10:00:00Z" }), notice({ id: "n2" })], 2);
  await readNotices(client, { until: "2026-03-02T09:30:00Z" });
  expect(items().map(({ read_at }) => read_at !== null)).toEqual([false, true]);
});

test("what is read stays read when a list that was asked for before comes after", async () => {
  const lists: ((page: Notice[]) => void)[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    const said = (body: object): Response => new Response(JSON.stringify(body));
    if (path.endsWith("/read")) return Promise.resolve(said({ unread: 0 }));
    return new Promise<Response>((resolve) => {
      lists.push((page) => resolve(said({ items: page, next_cursor: null, unread: page.length })));
    });
  });
  const shownTo = new InfiniteQueryObserver(client, noticesQuery).subscribe(() => undefined);
  await readNotices(client, { conversation_id: "c1" });
  await vi.waitFor(() => expect(lists).toHaveLength(2));
  lists[0]?.([notice()]);
  lists[1]?.([notice({ read_at: "2026-03-02T09:01:00Z" })]);
  await vi.waitFor(() => expect(items().map(({ read_at }) => read_at)).toEqual(["2026-03-02T09:01:00Z"]));
  shownTo();
});
