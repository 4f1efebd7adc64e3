import { describe, expect, test } from "vitest";
import { namesOf } from "@/data/directory";
import { phraseOf } from "@/features/conversation/phrases";
import { decidedWords } from "@/lib/rules/decided";
import type { Naming } from "@/lib/rules/words";
import { entry, maya, rule } from "./examples";

const names = namesOf(undefined);
const now = new Date("2026-03-02T12:00:00Z");
const phrase = (each: Parameters<typeof phraseOf>[0]): string => phraseOf(each, names, now);

describe("what rules take away and add", () => {
  test("the timeline names all that lost it", () => {
    const lost = { team_id: null, assignee_id: null, reason: "" };
    const agent = { ...lost, previous_team_id: null, previous_assignee_id: "maya" };
    const both = { ...agent, previous_team_id: "care" };
    expect(phrase(entry(1, "Assigned", agent, { by: rule }))).toBe(`unassigned ${names.agentName("maya")}`);
    expect(phrase(entry(1, "Assigned", both, { by: rule }))).toBe(
      `took it from ${names.agentName("maya")} and ${names.teamName("care")}`,
    );
  });

  test("who follows by themselves, and whom a rule added", () => {
    expect(phrase(entry(1, "Followed", { agent_id: maya.id ?? "" }, { by: maya }))).toBe(
      "follows this conversation",
    );
    expect(phrase(entry(1, "Followed", { agent_id: "maya" }, { by: rule }))).toBe(
      `added ${names.agentName("maya")} as a follower`,
    );
  });

  test("what was decided, in words", () => {
    const naming = { ref: (_: string, id: string) => id } as unknown as Naming;
    expect(decidedWords({ kind: "unassign", what: "team" }, naming)).toBe("take it from its team");
    expect(decidedWords({ kind: "unassign", what: "crown" }, naming)).toBe("take it from who has it");
    expect(decidedWords({ kind: "follow", agent_id: "maya" }, naming)).toBe("add maya as a follower");
    expect(decidedWords({ kind: "block", reason: "Threats" }, naming)).toBe("block the customer");
  });
});
