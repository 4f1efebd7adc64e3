/** A rule as it is edited, and in words. Pure. */
import type { Cancels, ClockTimes, Rule, RuleAction, RuleDraft } from "@/api/rules";
import { lengthWords } from "@/lib/durations";
import type { Line } from "@/lib/lines";
import { actionWords } from "./actions";
import { clockWords } from "./clock";
import { eventClause, eventLabel } from "./events";
import { type Branch, freshKey, groupOf, treeOf } from "./tree";
import { branchLines, branchWords, knowing, type Naming } from "./words";

export interface EditedAction {
  key: number;
  action: RuleAction;
}

/** `more`: what a newer service keeps besides; it goes back as it came. */
export interface EditedRule {
  name: string;
  enabled: boolean;
  brand_ids: string[];
  when: string[];
  if: Branch | null;
  then: EditedAction[];
  stop: boolean;
  after: string | null;
  cancel_on: Cancels[];
  clock: ClockTimes | null;
  more: Record<string, unknown>;
}

const KEPT = ["id", "version", "order", "saved_at", "saved_by", "fields", "seq", "standing"];

/** What a person wrote of a kept rule. */
export const draftOf = (rule: Rule | RuleDraft): RuleDraft =>
  Object.fromEntries(Object.entries(rule).filter(([name]) => !KEPT.includes(name))) as unknown as RuleDraft;

const BLANK: RuleDraft & { after: string | null; clock: ClockTimes | null } = {
  name: "",
  enabled: true,
  brand_ids: [],
  when: [],
  if: null,
  then: [],
  stop: false,
  after: null,
  cancel_on: ["customer_replied", "agent_replied", "closed"],
  clock: null,
};

export function editOf(rule: Rule | RuleDraft = BLANK): EditedRule {
  const entries = Object.entries(draftOf(rule));
  const known = Object.fromEntries(entries.filter(([name]) => name in BLANK)) as typeof BLANK;
  return {
    ...BLANK,
    ...known,
    if: treeOf(known.if),
    then: known.then.map((action) => ({ key: freshKey(), action })),
    more: Object.fromEntries(entries.filter(([name]) => !(name in BLANK))),
  };
}

export const sentOf = ({ more, ...edit }: EditedRule): RuleDraft => ({
  ...more,
  ...edit,
  if: groupOf(edit.if),
  then: edit.then.map(({ action }) => action),
});

/** The same as it can be tried while it is being written: before it has a name and something to do. */
export function triedOf(edit: EditedRule): RuleDraft {
  const sent = sentOf(edit);
  return {
    ...sent,
    name: edit.name.trim() || "Draft",
    enabled: true,
    // One at times of the clock stops no others.
    stop: edit.stop || (sent.then.length === 0 && edit.clock === null),
  };
}

const list = (words: readonly string[], by: string): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${by} ${words.at(-1)}`;

/** "When a conversation starts, if Channel is Email, then assign it to Email Support, in turns." */
export function sentenceOfRule(edit: EditedRule, naming: Naming): string {
  const brands = edit.brand_ids.map((id) => naming.ref("brand", id));
  const events = edit.when.length ? list(edit.when.map(eventClause), "or") : "…";
  const when = edit.clock ? sentence(clockWords(edit.clock)) : `When ${events}`;
  const does = edit.then.map(({ action }) => actionWords(action, naming));
  return [
    `${when}${brands.length ? ` at ${list(brands, "or")}` : ""}`,
    ...(edit.if ? [`if ${branchWords(edit.if, naming)}`] : []),
    ...(edit.after !== null
      ? [
          `wait ${edit.after ? lengthWords(edit.after) : "…"}${cancelWords(edit.cancel_on)} and if it is still so`,
        ]
      : []),
    `then ${[...does, ...(edit.stop ? ["don’t look at the rules after this one"] : [])].join("; ") || "…"}`,
  ]
    .join(", ")
    .concat(".");
}

export const CANCELS: Record<Cancels, string> = {
  customer_replied: "the customer replies",
  agent_replied: "an agent replies",
  closed: "it is closed",
};

const cancelWords = (on: readonly Cancels[]): string =>
  on.length
    ? ` unless ${list(
        on.map((each) => CANCELS[each]),
        "or",
      )}`
    : "";

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** A version of a rule as lines, for reading and for comparing two. */
export function linesOfRule(rule: Rule | RuleDraft, named: Naming): Line[] {
  const naming = "fields" in rule ? knowing(named, rule.fields) : named;
  const edit = editOf(rule);
  const line = (part: string, text: string): Line => ({ part, depth: 0, text });
  const brands = edit.brand_ids.map((id) => line("Brands", naming.ref("brand", id)));
  return [
    line("Name", edit.name),
    line("In use", edit.enabled ? "Yes" : "No"),
    ...(brands.length ? brands : [line("Brands", "Every brand")]),
    ...edit.when.map((event) => line("When", eventLabel(event))),
    ...(edit.clock ? [line("At", sentence(clockWords(edit.clock)))] : []),
    ...branchLines("If", edit.if, naming),
    ...(edit.after === null
      ? []
      : [line("Waits", `${lengthWords(edit.after)}${cancelWords(edit.cancel_on)}`)]),
    ...edit.then.map(({ action }) => line("Then", sentence(actionWords(action, naming)))),
    line("Rules after this one", edit.stop ? "Are not looked at when this one matches" : "Are looked at too"),
    ...Object.entries(edit.more).map(([name, value]) => line(sentence(name), JSON.stringify(value))),
  ];
}
