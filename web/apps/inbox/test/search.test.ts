import { describe, expect, test } from "vitest";
import type { Names } from "@/data/directory";
import { completions, isPlain } from "@/features/search/operators";
import { pieces } from "@/features/search/pieces";
import { remember } from "@/features/search/recent";
import { readSearch } from "@/lib/place";

const names = {
  brands: [{ name: "Earth Echo" }, { name: "Paleo Hacks" }],
  teams: [{ name: "Email Support" }],
  agents: [{ name: "Maya Lopez" }],
} as unknown as Names;

const offered = (text: string): string[] =>
  completions(text, names, ["vip", "late"]).map((each) => each.text);

describe("a text with marks", () => {
  test("is cut where it is marked, and nothing of it is lost", () => {
    expect(pieces("😀 a refund", [[5, 11]]).map((each) => [each.text, each.marked])).toEqual([
      ["😀 a ", false],
      ["refund", true],
    ]);
  });

  test.each<[string, [number, number][]]>([
    [
      "overlapping",
      [
        [0, 4],
        [2, 6],
      ],
    ],
    ["beyond its end", [[3, 99]]],
    [
      "empty or turned round",
      [
        [2, 2],
        [5, 3],
      ],
    ],
    [
      "in disorder",
      [
        [6, 8],
        [0, 2],
      ],
    ],
  ])("stays whole when marks are %s", (_, marks) => {
    const whole = "0123456789";
    expect(
      pieces(whole, marks)
        .map((each) => each.text)
        .join(""),
    ).toBe(whole);
  });
});

describe("how a search may go on", () => {
  test.each([
    ["fr", ["from:"]],
    ["refund st", ["refund status:"]],
    ["-ta", ["-tag:"]],
    ["status:o", ["status:open "]],
    ["refund status:", ["refund status:open ", "refund status:snoozed ", "refund status:closed "]],
    ["brand:ea", ['brand:"Earth Echo" ']],
    ["assignee:ma", ['assignee:"Maya Lopez" ']],
    ["tag:l", ["tag:late "]],
    ["r", []],
    ["refund", []],
    ["status:open", []],
    ["", []],
  ])("%s", (text, wanted) => expect(offered(text)).toEqual(wanted));
});

test("only plain words may be a person's name", () => {
  expect(["ada byron", "+1 555 0101", "ada@x.org"].map(isPlain)).toEqual([true, true, true]);
  expect(["tag:vip", "-ada", '"ada"', "a"].map(isPlain)).toEqual([false, false, false, false]);
});

test("a search that went on takes the place of what it began with", () => {
  expect(remember(["ref", "ada"], "refund ")).toEqual(["refund", "ada"]);
  expect(remember(["refund", "ada"], "ada")).toEqual(["ada", "refund"]);
  expect(remember([], "x")).toEqual([]);
});

test("what is looked for stands in the address as it was typed, numbers too", () => {
  expect(readSearch({ find: 10234 })).toEqual({ find: "10234" });
  expect(readSearch({ find: "", here: true })).toEqual({ find: "", here: true });
  expect(readSearch({ find: { a: 1 } })).toEqual({});
});
