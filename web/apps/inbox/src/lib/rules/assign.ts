/** Which member of a team a rule assigns to: what it may ask, and that in words. Pure. */
import type { AssignOptions, KnownAction, Strategy } from "@/api/rules";
import { lengthWords } from "@/lib/durations";

type Assign = Extract<KnownAction, { kind: "assign" }>;

export const STRATEGIES: Record<Strategy, string> = {
  round_robin: "in turns",
  balanced: "to whoever has least to do",
  none: "to the team alone",
};

/** Anybody of the team, for as long as it takes. */
export const NO_OPTIONS: Required<AssignOptions> = {
  skills: [],
  speaks: false,
  sticky: false,
  overflow: null,
  answer_within: null,
};

/** With another strategy; to the team alone there is nothing to ask of who gets it. */
export const withStrategy = (action: Assign, strategy: Strategy): Assign => ({
  ...action,
  ...(strategy === "none" ? NO_OPTIONS : {}),
  strategy,
});

/** "assign it to Email Support, in turns, if they have the skill “refunds”"; `team` names one by its id. */
export function assignWords(action: Assign, team: (id: string) => string): string {
  const asked = { ...NO_OPTIONS, ...action };
  const { overflow, answer_within } = asked;
  const parts = [`assign it to ${team(action.team_id)}`, STRATEGIES[action.strategy], ...whoWords(asked)];
  if (answer_within) parts.push(`to others when it is not answered within ${lengthWords(answer_within)}`);
  if (overflow)
    parts.push(`after ${lengthWords(overflow.after)} of waiting also to ${team(overflow.team_id)}`);
  return parts.join(", ");
}

function whoWords({ skills, speaks, sticky }: AssignOptions): string[] {
  const able = [
    ...(skills.length ? [`have the ${skills.length === 1 ? "skill" : "skills"} ${quoted(skills)}`] : []),
    ...(speaks ? ["speak the customer’s language"] : []),
  ];
  return [
    ...(able.length ? [`if they ${able.join(" and ")}`] : []),
    ...(sticky ? ["first to who answered the customer last"] : []),
  ];
}

const quoted = (values: readonly string[]): string => values.map((each) => `“${each}”`).join(" and ");
