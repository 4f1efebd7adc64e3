import { describe, expect, test } from "vitest";
import type { View } from "@/api/lists";
import { arranged, movedTo, neighbour, switchedPin } from "@/data/arrange";
import { namesOf } from "@/data/directory";
import { differs, filterOf } from "@/data/filter";
import { addressOf } from "@/data/list";
import { belongs, type ListFilter } from "@/data/membership";
import { chosenWords, withOption } from "@/features/list/Chips";
import {
  COLUMNS,
  type Column,
  cellOf,
  layoutOf,
  nextSort,
  switched,
  USUAL,
  widened,
} from "@/features/list/columns";
import { filterWords, withStanding } from "@/features/list/Filters";
import { readSearch } from "@/lib/place";
import { head } from "./examples";

const THERE = ["mine", "all", "unassigned", "spam", "brand:a", "brand:b", "team:x"];

describe("the sidebar", () => {
  test("as it comes, All and Unassigned are not pinned", () => {
    expect(arranged(THERE, undefined)).toEqual({
      pinned: ["mine", "spam", "brand:a", "brand:b", "team:x"],
      more: ["all", "unassigned"],
    });
  });

  test("it is as the agent arranged it, and what is gone is not shown", () => {
    const own = {
      pinned: ["brand:b", "all", "view:gone", "mine"],
      unpinned: ["spam", "brand:a", "team:x", "unassigned"],
      changed: true,
    };
    expect(arranged(THERE, own)).toEqual({
      pinned: ["brand:b", "all", "mine"],
      more: ["unassigned", "spam", "brand:a", "team:x"],
    });
  });

  test("a brand that came since is pinned behind its neighbour", () => {
    const own = {
      pinned: ["mine", "spam", "brand:a", "team:x"],
      unpinned: ["all", "unassigned"],
      changed: true,
    };
    expect(arranged(THERE, own).pinned).toEqual(["mine", "spam", "brand:a", "brand:b", "team:x"]);
  });

  test("pinning, unpinning and moving change nothing else", () => {
    const now = arranged(THERE, undefined);
    const pinned = switchedPin(now, "all");
    expect(pinned).toEqual({ pinned: [...now.pinned, "all"], more: ["unassigned"] });
    expect(switchedPin(pinned, "all").pinned).toEqual(now.pinned);
    expect(movedTo(now, "brand:b", "brand:a").pinned).toEqual([
      "mine",
      "spam",
      "brand:b",
      "brand:a",
      "team:x",
    ]);
    expect(movedTo(now, "brand:a", "brand:b").pinned).toEqual([
      "mine",
      "spam",
      "brand:b",
      "brand:a",
      "team:x",
    ]);
    expect(movedTo(now, "nothing", "mine")).toEqual(now);
  });

  test("keys move within a section and stop at its ends", () => {
    const now = arranged(THERE, undefined);
    expect(neighbour(now, "brand:a", 1)).toBe("brand:b");
    expect(neighbour(now, "brand:b", 1)).toBe(null);
    expect(neighbour(now, "mine", -1)).toBe(null);
  });
});

const VIEW: View = {
  id: "v",
  name: "Refunds",
  filter: { inbox: "all", brand: "paleo-hacks", tags: ["refund"], status: "open" },
  sort: "waited_longest",
  team_id: null,
  mine: true,
};

describe("which list is shown", () => {
  test("an inbox with what the address and the last choice say", () => {
    expect(filterOf("mine", {}, undefined, null)).toEqual({ inbox: "mine", status: "open", sort: "newest" });
    expect(filterOf("mine", { status: "closed", topic: "Billing" }, undefined, "oldest")).toEqual({
      inbox: "mine",
      status: "closed",
      sort: "oldest",
      topic: "Billing",
    });
  });

  test("a view as it was saved, whatever was chosen last, and with what is changed of it", () => {
    const own = {
      inbox: "all",
      status: "open",
      sort: "waited_longest",
      brand: "paleo-hacks",
      tags: ["refund"],
    };
    expect(filterOf("view:v", {}, VIEW, "oldest")).toEqual(own);
    const { tags: _, ...untagged } = own;
    expect(filterOf("view:v", { tags: [], team: "x" }, VIEW, null)).toEqual({ ...untagged, team: "x" });
    expect(filterOf("view:v", { brand: "" }, VIEW, null).brand).toBe(undefined);
  });

  test("it can be saved when it differs", () => {
    expect(differs(filterOf("mine", {}, undefined, null), undefined)).toBe(false);
    expect(differs(filterOf("mine", { priority: true }, undefined, null), undefined)).toBe(true);
    expect(differs(filterOf("view:v", {}, VIEW, null), VIEW)).toBe(false);
    expect(differs(filterOf("view:v", { brand: "" }, VIEW, null), VIEW)).toBe(true);
  });

  test("the service is asked for each tag by itself and for nothing that is not narrowed", () => {
    const filter = filterOf("all", { tags: ["a b", "c"], priority: false, channel: null }, undefined, null);
    expect(String(addressOf(filter))).toBe("inbox=all&status=open&sort=newest&priority=false&tag=a+b&tag=c");
  });

  test("an address keeps what it may say and nothing else", () => {
    const said = {
      status: "closed",
      brand: "x",
      tags: ["a", 1, ""],
      channel: "fax",
      priority: "yes",
      odd: 1,
    };
    expect(readSearch(said)).toEqual({ status: "closed", brand: "x", tags: ["a"] });
    expect(readSearch({ channel: null, priority: null, team: "", ticket: null })).toEqual({
      channel: null,
      priority: null,
      team: "",
      ticket: null,
    });
    expect(readSearch({ ticket: "resolved" })).toEqual({ ticket: "resolved" });
    expect(readSearch({ ticket: "lost" })).toEqual({});
  });
});

describe("belongs, narrowed", () => {
  const link = {
    kind: "ticket",
    id: "t1",
    title: "",
    url: "",
    type_id: "refund",
    number: 7,
    seq: 2,
  } as const;
  const one = head({
    brand_id: "a",
    team_id: "t",
    assignee_id: "maya",
    tags: ["x", "y"],
    topic: "Billing",
    links: [{ ...link, state: "in_progress" }],
  });
  test.each([
    [{ brand: "a" }, true],
    [{ brand: "b" }, false],
    [{ team: "t", tags: ["x", "y"] }, true],
    [{ team: "none" }, false],
    [{ assignee: "me" }, true],
    [{ assignee: "none" }, false],
    [{ tags: ["x", "z"] }, false],
    [{ topic: "Billing", channel: "email" as const }, true],
    [{ channel: "phone" as const }, false],
    [{ priority: false }, true],
    [{ priority: true }, false],
    [{ ticket: "in_progress" as const }, true],
    [{ ticket: "resolved" as const }, false],
  ])("%j: %s", (narrowing, wanted) => {
    expect(belongs(one, { inbox: "all", status: "open", sort: "newest", ...narrowing }, "maya")).toBe(wanted);
  });
});

describe("chips", () => {
  test("a tag is added and taken off, anything else replaced", () => {
    expect(withOption("tags", { tags: ["a"] }, "b")).toEqual({ tags: ["a", "b"] });
    expect(withOption("tags", { tags: ["a", "b"] }, "a")).toEqual({ tags: ["b"] });
    expect(withOption("brand", { brand: "a" }, "b")).toEqual({ brand: "b" });
    expect(withOption("priority", {}, "false")).toEqual({ priority: false });
  });

  test("what is chosen is said in words, known or not", () => {
    const options = [{ value: "a", label: "Apple" }];
    expect(chosenWords("tags", { tags: ["a", "b"] }, options)).toBe("Apple + b");
    expect(chosenWords("brand", {}, options)).toBe("");
  });

  const open: ListFilter = { inbox: "all", status: "open", sort: "newest" };
  const submitted: ListFilter = { ...open, status: "all", ticket: "submitted" };
  test.each<[number | null, ListFilter, string]>([
    [3, open, "3 open conversations · newest activity"],
    [1000, { ...open, brand: "a" }, "1,000+ open conversations · filtered · newest activity"],
    [null, { ...open, tags: ["a"] }, "Many open conversations · filtered · newest activity"],
    [1, submitted, "1 conversation · ticket submitted · newest activity"],
    [2, { ...submitted, brand: "a" }, "2 conversations · ticket submitted · filtered · newest activity"],
    [2, { ...submitted, status: "open" }, "2 open conversations · filtered · newest activity"],
  ])("%s of %o: %s", (total, filter, words) => {
    expect(filterWords(total, filter)).toBe(words);
  });

  test("a ticket's state is chosen in place of a status, and stays with one where it was chosen beside it", () => {
    expect(withStanding(open, "ticket:resolved")).toEqual({ status: "all", ticket: "resolved" });
    expect(withStanding(submitted, "closed")).toEqual({ status: "closed", ticket: null });
    expect(withStanding(submitted, "all")).toEqual({ status: "all", ticket: null });
    expect(withStanding({ ...submitted, status: "open" }, "closed")).toEqual({ status: "closed" });
    expect(withOption("ticket", {}, "in_progress")).toEqual({ ticket: "in_progress" });
  });
});

describe("columns", () => {
  const names = namesOf(undefined);
  const now = new Date("2026-03-02T10:00:00Z");
  test("every column says something of every conversation, without a fault", () => {
    for (const { id } of COLUMNS) expect(typeof cellOf(id, head(), names, now).text).toBe("string");
    expect(cellOf("activity", head({ activity: "SomethingNewHappened" }), names, now).text).toBe(
      "something new happened",
    );
  });

  test("a click sorts, a second one the other way, where the service can", () => {
    const column = (id: string) => COLUMNS.filter((each) => each.id === id)[0] as Column;
    expect(nextSort(column("last"), "priority")).toBe("newest");
    expect(nextSort(column("last"), "newest")).toBe("oldest");
    expect(nextSort(column("waiting"), "waited_longest")).toBe("waited_longest");
    expect(nextSort(column("subject"), "newest")).toBe(null);
  });

  test("columns are shown in their order, one always stays, widths stay within reason", () => {
    const one = { shown: ["tags"] as const, px: {} };
    expect(switched(one, "tags").shown).toEqual(["tags"]);
    expect(switched(one, "user").shown).toEqual(["user", "tags"]);
    expect(widened(one, "user", 9999).px.user).toBe(640);
    expect(widened(one, "user", 3).px.user).toBe(56);
    expect(layoutOf({ shown: [], px: {} }).shown).toEqual(USUAL);
    expect(layoutOf(null).shown).toEqual(USUAL);
  });
});
