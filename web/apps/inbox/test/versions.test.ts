import { expect, test } from "vitest";
import { type DiffLine, differs, diffLines, type Line } from "@/lib/lines";
import { moved } from "@/lib/reorder";
import { shownVersions, viewOf } from "@/lib/versions";

const lines = (...texts: string[]): Line[] => texts.map((text) => ({ part: "If", depth: 0, text }));

const shortly = (found: readonly DiffLine[]): string[] =>
  found.map((each) =>
    each.kind === "changed"
      ? `${each.before.text}→${each.after.text}`
      : `${{ same: "", added: "+", removed: "-" }[each.kind]}${each.line.text}`,
  );

test.each([
  ["nothing", ["a", "b"], ["a", "b"], ["a", "b"]],
  ["one came first", ["b"], ["a", "b"], ["+a", "b"]],
  ["one went", ["a", "b", "c"], ["a", "c"], ["a", "-b", "c"]],
  ["one became another", ["a", "b", "c"], ["a", "x", "c"], ["a", "b→x", "c"]],
  ["one became two", ["a", "b"], ["x", "y", "b"], ["a→x", "+y", "b"]],
  ["from nothing", [], ["a"], ["+a"]],
  ["to nothing", ["a"], [], ["-a"]],
])("%s", (_, before, after, found) => {
  expect(shortly(diffLines(lines(...before), lines(...after)))).toEqual(found);
  expect(differs(diffLines(lines(...before), lines(...after)))).toBe(before.join() !== after.join());
});

test("lines of two parts, or of two depths, don’t become each other", () => {
  const before: Line[] = [{ part: "If", depth: 0, text: "a" }];
  const after: Line[] = [
    { part: "Then", depth: 0, text: "a" },
    { part: "If", depth: 1, text: "b" },
  ];
  expect(shortly(diffLines(before, after))).toEqual(["-a", "+b", "+a"]);
});

test.each([
  ["versions", 3, 3, 2],
  ["versions", 1, 3, 1],
  ["versions", null, 3, 2],
  ["v2", 1, 2, 1],
  ["v1", 3, 1, null],
  ["v1-v3", 3, 3, 1],
  ["v7-v3", 3, 3, null],
  [null, 3, 3, 2],
])("the view %s while version %s is in force", (view, inForce, version, against) => {
  expect(shownVersions(view, [3, 2, 1], inForce)).toEqual({ version, against });
});

test("a version that is not there is not shown", () => {
  expect(shownVersions("v9", [2, 1], 2)).toBeNull();
  expect(viewOf({ version: 3, against: 1 })).toBe("v1-v3");
  expect(viewOf({ version: 3, against: 2 })).toBe("v3");
});

test.each([
  ["a", "c", "bca"],
  ["c", "a", "cab"],
  ["a", "a", "abc"],
  ["a", "x", "abc"],
])("%s put where %s is", (key, target, order) => {
  expect(moved(["a", "b", "c"], key, target).join("")).toBe(order);
});
