/** A rule's trace in plain words. Pure. */
import type { ConditionTrace, GroupTrace } from "@/api/traces";

export const JOINED_WORDS: Record<GroupTrace["joined"], string> = {
  all: "All of these must hold:",
  any: "One of these is enough:",
  none: "None of these may hold:",
};

const words = (name: string): string => name.replace(/[._]/g, " ").replace(/ id$/, "");

function shown(value: ConditionTrace["value"]): string {
  if (value === null || value === "") return "empty";
  if (Array.isArray(value)) return value.length ? value.map(shown).join(", ") : "empty";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return `“${String(value)}”`;
}

const NO_VALUE = /^(is|is not|not) set$/;

/** "message subject contains “refund”" and what was there: " (it was “Where is my order”)". */
export function conditionWords(condition: ConditionTrace): { asked: string; seen: string } {
  const operator = words(condition.operator);
  const wanted = condition.value === null || NO_VALUE.test(operator) ? "" : ` ${shown(condition.value)}`;
  const seen = shown(condition.seen);
  const short = seen.length > 120 ? `${seen.slice(0, 117)}…` : seen;
  return { asked: `${words(condition.field)} ${operator}${wanted}`, seen: ` It was ${short}.` };
}
