// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import type { Macro, MacroItem, SharedMacro } from "@/api/macros";
import type { Directory } from "@/api/people";
import { namesOf } from "@/data/directory";
import { draftOf, isWithin } from "@/features/macros/draft";
import { linesOfMacro } from "@/features/macros/macro-lines";
import { rowsOf } from "@/features/macros/rows";
import { htmlLines } from "@/lib/html-lines";
import { standing } from "./examples";
import { directory } from "./screen";

const said = (html: string): string[] => htmlLines(html).map(({ depth, text }) => "  ".repeat(depth) + text);

describe("a text as lines", () => {
  test.each([
    ["a block is one", "<p>Hi {{contact.name}},</p><p>bye</p>", ["Hi {{contact.name}},", "bye"]],
    ["so is what stands between breaks", "<p>a<br>b<br><br>c</p>", ["a", "b", "", "c"]],
    ["an empty paragraph is an empty one", "<p>a</p><p></p><p>b</p>", ["a", "", "b"]],
    [
      "items have signs, and stand deeper within items",
      "<ul><li><p>one</p><ol><li>x</li><li>y</li></ol></li> <li> <p>two</p></li></ul>",
      ["• one", "  1. x", "  2. y", "• two"],
    ],
    ["what is quoted stands deeper", "<p>a</p><blockquote><p>b</p></blockquote>", ["a", "  b"]],
    [
      "looks are signs",
      "<h2>T</h2><p><strong>b</strong> <em>i</em> <s>s</s></p>",
      ["## T", "**b** _i_ ~~s~~"],
    ],
    [
      "links say where they lead, unless that is what they say",
      '<p><a href="https://x.example/a">here</a> <a href="mailto:a@x.example">a@x.example</a></p>',
      ["here (https://x.example/a) a@x.example"],
    ],
    [
      "an image says what it is",
      '<p>See <img src="https://x.example/a.png" alt="Jar"></p>',
      ["See [Jar] (https://x.example/a.png)"],
    ],
    ["rows are lines", "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>", ["a | b"]],
    ["blanks are one, but not in code", "<p>a\n   b</p><pre>c\n\nd</pre>", ["a b", "c", "", "d"]],
    ["nothing is none", "", []],
  ])("%s", (_, html, lines) => {
    expect(said(html)).toEqual(lines);
  });
});

const names = namesOf(
  directory({
    brands: [{ brand_id: "b", name: "Northwind Tea", active: true, topics: [] }],
    teams: [{ team_id: "t", name: "Billing" }],
  }) as Directory,
);

test("a macro reads line by line, and says where there are no limits", () => {
  const macro = draftOf({
    name: "Refund",
    html: "<p>Done.</p>",
    actions: [
      { kind: "tag", value: "refund" },
      { kind: "agent", value: "me" },
    ],
    brand_ids: ["b"],
    team_ids: ["t"],
  });
  const words = (each: typeof macro): string[] =>
    linesOfMacro(each, names).map(({ part, text }) => `${part}: ${text}`);
  expect(words(macro)).toEqual([
    "Name: Refund",
    "Text: Done.",
    "When it is sent: Tag refund",
    "When it is sent: Assign to whoever sends it",
    "Brands: Northwind Tea",
    "Teams: Billing",
  ]);
  expect(words(draftOf(undefined)).slice(1)).toEqual([
    "Text: None",
    "When it is sent: Nothing else happens",
    "Brands: Every brand",
    "Teams: Every team",
  ]);
});

describe("the list", () => {
  const macro = (id: string, name: string, personal: boolean): MacroItem => ({
    macro: {
      ...draftOf(undefined),
      macro_id: id,
      name,
      personal,
      seq: 1,
      created_by: "",
      active: true,
    } as Macro,
    mine_to_change: personal,
  });
  const items = [macro("own", "My own", true), macro("all", "Refund", false)];
  const shared: SharedMacro = {
    ...draftOf(undefined),
    id: "all",
    name: "A better refund",
    version: 2,
    saved_at: "2026-03-02T08:00:00Z",
    saved_by: "maya",
    standing: standing({ state: "in_review", published: 1 }),
  };

  test("who only writes with them has those in force and their own", () => {
    expect(rowsOf(items, null).map(({ name, standing }) => [name, standing])).toEqual([
      ["My own", null],
      ["Refund", null],
    ]);
  });

  test("who writes or reviews them has every one as it is being changed", () => {
    expect(rowsOf(items, [shared]).map(({ id, name, standing }) => [id, name, standing?.state])).toEqual([
      ["all", "A better refund", "in_review"],
      ["own", "My own", undefined],
    ]);
  });

  test.each([
    [[], [], true],
    [["b"], [], true],
    [[], ["b"], false],
    [["b"], ["b", "c"], true],
    [["b", "d"], ["b", "c"], false],
  ])("a macro of the brands %j is written by who works for %j: %s", (brand_ids, mine, may) => {
    expect(isWithin({ ...draftOf(undefined), brand_ids }, mine)).toBe(may);
  });
});
