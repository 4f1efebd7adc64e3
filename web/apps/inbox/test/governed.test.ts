import { describe, expect, test } from "vitest";
import {
  actsOf,
  badgeOf,
  forceWords,
  happenedWords,
  lostWords,
  onlyDraftWords,
  othersWords,
  type Who,
  waitsWords,
} from "@/lib/governed";
import { standing } from "./examples";

const WRITER: Who = { agentId: "maya", mayWrite: true, mayPublish: false, mayApprove: false };
const LEAD: Who = { agentId: "leo", mayWrite: true, mayPublish: true, mayApprove: true };
const APPROVER: Who = { agentId: "ann", mayWrite: false, mayPublish: false, mayApprove: true };
const READER: Who = { agentId: "ben", mayWrite: false, mayPublish: false, mayApprove: false };

const approval = (by: string) => ({ by, at: "2026-01-01T09:00:00Z", comment: "" });

describe("what may be done", () => {
  const draft = standing({ state: "draft", authors: ["maya"], approvals_needed: 1 });
  const review = standing({ state: "in_review", authors: ["maya"], approvals_needed: 1 });
  const approved = standing({ ...review, state: "approved", approvals: [approval("ann")] });

  test.each([
    ["a writer submits a draft", draft, WRITER, ["submit", "owner"]],
    [
      "a new draft is retired by who writes",
      { ...draft, published: null },
      WRITER,
      ["submit", "owner", "retire"],
    ],
    ["a lead can’t publish what needs approval", draft, LEAD, ["submit", "owner", "retire"]],
    [
      "the author doesn’t approve",
      review,
      { ...LEAD, agentId: "maya" },
      ["reject", "withdraw", "owner", "retire"],
    ],
    ["somebody else does", review, APPROVER, ["approve", "reject"]],
    ["once", { ...review, approvals_needed: 2, approvals: [approval("ann")] }, APPROVER, ["reject"]],
    ["what is approved is published", approved, LEAD, ["publish", "reject", "withdraw", "owner", "retire"]],
    ["a reader reads", review, READER, []],
    ["what is in force for everybody is not rolled out", standing({}), LEAD, ["owner", "retire"]],
    [
      "a part grows",
      standing({ rollout: { percentage: 10, team_ids: [], brand_ids: [] } }),
      LEAD,
      ["rollout", "owner", "retire"],
    ],
    ["nothing is left to do with what is retired", standing({ state: "retired" }), LEAD, []],
  ])("%s", (_, now, who, acts) => {
    expect(actsOf(now, who)).toEqual(acts);
  });
});

describe("in words", () => {
  const now = new Date("2026-03-02T12:00:00Z");
  const names = { team: (id: string) => `team ${id}`, brand: (id: string) => `brand ${id}` };

  test.each([
    [standing({}), null],
    [standing({ state: "draft" }), "Draft"],
    [standing({ state: "in_review" }), "In review"],
    [standing({ state: "replaced" }), "Was in force"],
    [standing({ rollout: { percentage: 20, team_ids: [], brand_ids: [] } }), "For 20 %"],
    [standing({ rollout: { percentage: 100, team_ids: ["t"], brand_ids: [] } }), "For a part"],
  ])("the badge", (stands, text) => {
    expect(badgeOf(stands, now)?.text ?? null).toBe(text);
  });

  test.each([
    [standing({}), "It is in force."],
    [standing({ state: "draft", published: 2 }), "Version 2 is in force."],
    [standing({ state: "draft", published: null }), "Nothing of it is in force."],
    [
      standing({ before: 2, rollout: { percentage: 10, team_ids: ["t"], brand_ids: ["b"] } }),
      "Version 3 is in force for 10 % of the conversations of team t at brand b, version 2 for the others.",
    ],
    [
      standing({ rollout: { percentage: 10, team_ids: [], brand_ids: [] } }),
      "Version 3 is in force for 10 % of the conversations, the others have none.",
    ],
  ])("what is in force", (stands, words) => {
    expect(forceWords(stands, 3, names)).toBe(words);
  });

  test("what it waits for", () => {
    expect(waitsWords(standing({ state: "in_review", approvals_needed: 2 }))).toBe(
      "It waits for 2 approvals.",
    );
    expect(
      waitsWords(standing({ state: "in_review", approvals_needed: 1, approvals: [approval("a")] })),
    ).toBe("");
    expect(waitsWords(standing({}))).toBe("");
  });

  test("what happened, also an act that is not known here", () => {
    const one = { at: "2026-01-01T09:00:00Z", by: "maya", version: 3, text: "" };
    expect(happenedWords({ ...one, act: "rejected" })).toBe("asked for changes to version 3");
    expect(happenedWords({ ...one, act: "burnt_down" })).toBe("burnt down version 3");
  });
});

describe("who may not is told why", () => {
  const draft = standing({ state: "draft", authors: ["maya"] });
  const review = standing({ state: "in_review", authors: ["maya"], approvals_needed: 1 });
  const once = { ...review, approvals_needed: 2, approvals: [approval("ann")] };

  test.each([
    ["a writer of a draft that needs no approval", draft, WRITER, "Your role may not publish macros"],
    ["who may publish it", draft, LEAD, ""],
    ["a draft that needs approvals says so itself", { ...draft, approvals_needed: 1 }, WRITER, ""],
    ["an author who could approve else", review, { ...LEAD, agentId: "maya" }, "You wrote it"],
    ["who does not approve", review, WRITER, "Your role may not approve macros"],
    ["who does", review, APPROVER, ""],
    ["who did already", once, APPROVER, "You approved it"],
    [
      "what is approved",
      { ...review, state: "approved" as const, approvals: [approval("ann")] },
      APPROVER,
      "Your role may not publish macros",
    ],
    ["what is in force", standing({}), READER, ""],
  ])("%s", (_, now, who, words) => {
    const said = othersWords(now, who, "macros");
    expect(said.startsWith(words) && (words !== "" || said === "")).toBe(true);
  });

  test.each([
    ["a draft loses nothing", draft, ""],
    ["nor does a review in which nobody said anything", review, ""],
    ["an approval", once, "Saving makes a new version: the approval given so far will not count for it."],
    [
      "approvals and a time",
      standing({ state: "scheduled", approvals: [approval("ann"), approval("leo")], approvals_needed: 2 }),
      "Saving makes a new version: the 2 approvals given so far will not count for it, and nothing will be published at the time that was set.",
    ],
  ])("in the form, of what saving takes: %s", (_, one, words) => {
    expect(lostWords(one)).toBe(words);
  });

  test("and in the form", () => {
    expect(onlyDraftWords(0, LEAD, "macros")).toBe("");
    expect(onlyDraftWords(0, WRITER, "macros")).toMatch("Your role may not publish macros");
    expect(onlyDraftWords(2, LEAD, "macros")).toMatch("needs 2 approvals by others");
  });
});
