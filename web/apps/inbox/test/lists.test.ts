import { describe, expect, test } from "vitest";
import type { ConversationPage, Head, InboxKey } from "@/api/types";
import { belongs, inOrder } from "@/data/membership";
import { markRow, placeRow, rowsOf } from "@/data/pages";
import { head } from "./examples";

const at = (minute: number): string => new Date(Date.UTC(2026, 2, 2, 9, minute)).toISOString();
const row = (id: string, minute: number, part: Partial<Head> = {}) => ({
  head: head({ id, last_activity_at: at(minute), ...part }),
  unread: false,
});
const page = (items: ReturnType<typeof row>[], next: string | null, total: number): ConversationPage => ({
  items,
  next_cursor: next,
  total,
});
const pages = (next: string | null = null): ConversationPage[] => [
  page([row("a", 50), row("b", 40)], "2", 5),
  page([row("c", 30), row("d", 20)], next, 5),
];
const ids = (list: ConversationPage[]): string =>
  rowsOf(list)
    .map((each) => each.head.id)
    .join("");
const newest = inOrder("newest");

describe("placeRow", () => {
  test("news moves a conversation to its new place", () => {
    expect(ids(placeRow(pages(), row("d", 55, { seq: 2 }), true, newest))).toBe("dabc");
  });

  test("a new conversation comes in and is counted", () => {
    const placed = placeRow(pages(), row("x", 35), true, newest);
    expect(ids(placed)).toBe("abxcd");
    expect(placed.map((each) => each.total)).toEqual([6, 6]);
  });

  test("what left the filter goes and is not counted any more", () => {
    const placed = placeRow(pages(), row("b", 60, { seq: 2 }), false, newest);
    expect(ids(placed)).toBe("acd");
    expect(placed.at(-1)?.total).toBe(4);
  });

  test("what belongs behind the loaded rows waits to be loaded", () => {
    expect(ids(placeRow(pages("4"), row("x", 5), true, newest))).toBe("abcd");
    expect(ids(placeRow(pages(null), row("x", 5), true, newest))).toBe("abcdx");
  });

  test.each([
    { knows: undefined, stays: true, minute: 55, total: 5 },
    { knows: true, stays: true, minute: 55, total: 5 },
    { knows: false, stays: true, minute: 55, total: 6 },
    { knows: false, stays: true, minute: 5, total: 6 },
    { knows: true, stays: false, minute: 55, total: 4 },
    { knows: undefined, stays: false, minute: 55, total: 5 },
  ])(
    "of a longer list only what is known to have come or gone is counted: %o",
    ({ knows, stays, minute, total }) => {
      const placed = placeRow(pages("4"), row("x", minute), stays, newest, knows);
      expect(placed.map((each) => each.total)).toEqual([total, total]);
    },
  );

  test("a row that two pages hold is there once, and older news than either changes nothing", () => {
    const twice = [
      page([row("a", 50, { seq: 3 }), row("b", 40)], "2", 3),
      page([row("a", 30, { seq: 5 })], null, 3),
    ];
    expect(placeRow(twice, row("a", 60, { seq: 4 }), true, newest)).toBe(twice);
    const placed = placeRow(twice, row("a", 60, { seq: 6 }), true, newest);
    expect([ids(placed), placed[0]?.total]).toEqual(["ab", 3]);
    expect(ids(placeRow(twice, row("a", 60, { seq: 6 }), false, newest))).toBe("b");
  });

  test("older news than what is shown changes nothing", () => {
    const shown = [page([row("a", 50, { seq: 7 })], null, 1)];
    expect(placeRow(shown, row("a", 10, { seq: 6 }), true, newest)).toBe(shown);
  });

  test("a conversation of another inbox changes nothing", () => {
    const shown = pages();
    expect(placeRow(shown, row("x", 55), false, newest)).toBe(shown);
  });
});

test("any news leaves every row once and in order, and the total right", () => {
  let seed = 7;
  const chance = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  let shown: ConversationPage[] = pages(null).map((each) => ({ ...each, total: 4 }));
  const expected = new Map(rowsOf(shown).map((each) => [each.head.id, each]));
  for (let n = 0; n < 500; n += 1) {
    const id = "abcdefghij"[chance(10)] ?? "a";
    // A minute of its own, so that there is one right order.
    const news = row(id, 100 + n, { seq: n + 2 });
    const stays = chance(3) > 0;
    shown = placeRow(shown, news, stays, newest);
    if (stays) expected.set(id, news);
    else expected.delete(id);
    const wanted = [...expected.values()].map((each) => each.head).sort(newest);
    expect(rowsOf(shown).map((each) => each.head.id)).toEqual(wanted.map((each) => each.id));
    expect(shown.map((each) => each.total)).toEqual([expected.size, expected.size]);
  }
});

test("a read mark changes in place", () => {
  const [first] = markRow(pages(), "b", true);
  expect(first?.items.map((each) => each.unread)).toEqual([false, true]);
});

describe("belongs", () => {
  const mine = head({ assignee_id: "maya", team_id: "email", mentioned: ["maya"], created_by: "maya" });
  const everywhere: InboxKey[] = ["mine", "mentions", "created", "all", "team:email", "brand:paleo-hacks"];
  test.each(everywhere)("%s shows what is in it, spam never", (inbox) => {
    const filter = { inbox, status: "open", sort: "newest" } as const;
    expect(belongs(mine, filter, "maya")).toBe(true);
    expect(belongs({ ...mine, spam: true }, filter, "maya")).toBe(false);
    expect(belongs({ ...mine, status: "closed" }, filter, "maya")).toBe(false);
    expect(belongs({ ...mine, status: "closed" }, { ...filter, status: "all" }, "maya")).toBe(true);
  });

  test("spam is shown in Spam alone", () => {
    expect(belongs({ ...mine, spam: true }, { inbox: "spam", status: "open", sort: "newest" }, "maya")).toBe(
      true,
    );
  });

  test("unassigned is what nobody has", () => {
    const filter = { inbox: "unassigned", status: "open", sort: "newest" } as const;
    expect(belongs(head(), filter, "maya")).toBe(true);
    expect(belongs(mine, filter, "maya")).toBe(false);
  });
});

describe("inOrder", () => {
  test("who waits for nothing comes last under waited longest", () => {
    const waiting = head({ id: "w", waiting_since: at(1) });
    const longer = head({ id: "l", waiting_since: at(0) });
    const sorted = [head({ id: "n" }), waiting, longer].sort(inOrder("waited_longest"));
    expect(sorted.map((each) => each.id).join("")).toBe("lwn");
  });

  test("priority first, the newest among equals", () => {
    const rows = [row("a", 1).head, row("b", 9).head, row("c", 2, { priority: true }).head];
    expect(
      rows
        .sort(inOrder("priority"))
        .map((each) => each.id)
        .join(""),
    ).toBe("cba");
  });
});
