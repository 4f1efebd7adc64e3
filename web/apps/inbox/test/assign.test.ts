/** Which member of a team a rule assigns to: what the form begins with, and the sentence of it. */
import { describe, expect, test } from "vitest";
import type { KnownAction } from "@/api/rules";
import { offeredActions } from "@/lib/rules/actions";
import { assignWords, NO_OPTIONS, withStrategy } from "@/lib/rules/assign";

type Assign = Extract<KnownAction, { kind: "assign" }>;

const PLAIN: Assign = { kind: "assign", team_id: "mail", strategy: "round_robin", ...NO_OPTIONS };
const WHOLE: Assign = {
  ...PLAIN,
  skills: ["refunds", "legal"],
  speaks: true,
  sticky: true,
  overflow: { after: "PT15M", team_id: "care" },
  answer_within: "PT1H",
};
const TEAMS: Record<string, string> = { mail: "Email Support", care: "Customer care" };
const words = (action: Assign): string => assignWords(action, (id) => TEAMS[id] ?? "…");

describe("in words", () => {
  test.each<[Partial<Assign>, string]>([
    [{}, "in turns"],
    [{ strategy: "none" }, "to the team alone"],
    [{ skills: ["refunds"] }, "in turns, if they have the skill “refunds”"],
    [{ speaks: true }, "in turns, if they speak the customer’s language"],
    [{ sticky: true }, "in turns, first to who answered the customer last"],
    [{ answer_within: "PT10M" }, "in turns, to others when it is not answered within 10 minutes"],
    [
      { overflow: { after: "PT15M", team_id: "care" } },
      "in turns, after 15 minutes of waiting also to Customer care",
    ],
    [{ overflow: { after: "PT15M", team_id: "" } }, "in turns, after 15 minutes of waiting also to …"],
  ])("%o", (part, said) => {
    expect(words({ ...PLAIN, ...part })).toBe(`assign it to Email Support, ${said}`);
  });

  test("all of it is one sentence", () => {
    expect(words({ ...WHOLE, strategy: "balanced" })).toBe(
      "assign it to Email Support, to whoever has least to do, if they have the skills “refunds” and “legal” and speak the customer’s language, first to who answered the customer last, to others when it is not answered within 1 hour, after 15 minutes of waiting also to Customer care",
    );
  });
});

describe("in the form", () => {
  test("to the team alone asks nothing of who gets it", () => {
    expect(withStrategy(WHOLE, "none")).toEqual({ ...PLAIN, strategy: "none" });
    expect(withStrategy(WHOLE, "balanced")).toEqual({ ...WHOLE, strategy: "balanced" });
  });

  test("a new one says all that the service does", () => {
    const schema = {
      events: [],
      fields: [],
      operators: {},
      actions: { discriminator: { mapping: { assign: "" } } },
    };
    expect(offeredActions(schema)).toEqual([{ ...PLAIN, team_id: "" }]);
  });
});
