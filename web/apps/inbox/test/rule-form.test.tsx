// @vitest-environment jsdom
/** The form of a rule: it follows what others save until something is written, and says what is wrong while it is so. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import type { RuleSchema } from "@/api/rules";
import { keys } from "@/data/keys";
import type { KeptRule } from "@/data/rules";
import Rules from "@/features/rules/Rules";
import { standing } from "./examples";
import {
  click,
  directory,
  eachOnAScreen,
  fieldOf,
  labelled,
  me,
  pause,
  showAt,
  type,
  until,
  wasAsked,
} from "./screen";

const screen = eachOnAScreen();
const subject = (value: string) => ({ field: "conversation.subject", operator: "contains", value });
const rule = (part: Partial<KeptRule> = {}): KeptRule => ({
  id: "r1",
  name: "Refunds",
  enabled: true,
  brand_ids: [],
  when: ["ConversationStarted"],
  if: { all: [subject("refund"), subject("money")] },
  then: [{ kind: "add_tags", tags: ["refund"] }],
  stop: false,
  after: null,
  cancel_on: [],
  order: 0,
  version: 1,
  seq: part.version ?? 1,
  saved_at: "2026-03-02T08:00:00Z",
  saved_by: "leo",
  fields: [],
  standing: standing({ published: 1 }),
  ...part,
});
const schema: RuleSchema = {
  events: ["ConversationStarted"],
  actions: ["add_tags"],
  fields: [
    {
      name: "conversation.subject",
      label: "Subject",
      type: "text",
      choices: [],
      changes: false,
      refers: null,
    },
  ],
  operators: { text: [{ name: "contains", label: "contains", takes: "one" }] },
} as unknown as RuleSchema;

const there = (one: KeptRule): void => void screen.client.setQueryData(keys.rules, [one]);
const name = (): string | undefined => fieldOf<HTMLInputElement>("Name")?.value;
/** What the conditions are compared with. */
const values = (): HTMLInputElement[] => [
  ...document.querySelectorAll<HTMLInputElement>('input[aria-label="With what"]'),
];

beforeEach(async () => {
  window.scrollTo = () => undefined;
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["rules.read", "rules.write", "rules.publish"]));
  screen.client.setQueryData(keys.ruleSchema, schema);
  screen.client.setQueryData([...keys.rules, "governance"], { approvals: 0, approver_role_ids: [] });
  there(rule());
  const content = () => <Rules item="r1" view={null} open={() => undefined} />;
  await showAt(screen, { paths: ["/settings/rules/$item"], content }, "/settings/rules/r1");
  await until(name, "no form");
});

test("it follows others until something is written in it, and what is written goes over theirs only by a word", async () => {
  await screen.client.invalidateQueries({ queryKey: keys.rules, refetchType: "none" });
  await act(async () => void window.dispatchEvent(new Event("visibilitychange")));
  const back = await wasAsked(screen, "GET", "/rules");
  const theirs = rule({ version: 2, name: "Returns", if: { all: [subject("back")] } });
  await act(async () => back.answer({ items: [theirs] }));
  await until(() => name() === "Returns", "not followed");
  expect([name(), values().map(({ value }) => value)]).toEqual(["Returns", ["back"]]);
  await type(values()[0] as Element, "send back");
  await act(async () => there(rule({ version: 3, name: "Theirs" })));
  await pause();
  expect([name(), values().map(({ value }) => value)]).toEqual(["Returns", ["send back"]]);
  await click("Publish");
  const sent = await wasAsked(screen, "PUT", "/rules/r1");
  await act(async () => sent.answer({ title: "No", status: 409, code: "stale_version" }, 409));
  const asked = await wasAsked(screen, "GET", "/rules/r1");
  await act(async () => asked.answer(rule({ version: 3, name: "Theirs" })));
  await until(() => labelled("From theirs to yours"), "no clash");
});

test("somebody retires it meanwhile: what is written stays", async () => {
  await type(fieldOf("Name") as Element, "Refunds and returns");
  await act(async () => void screen.client.setQueryData(keys.rules, []));
  await pause();
  expect(name()).toBe("Refunds and returns");
});

test("what is wrong with a condition is said there as long as it stands there", async () => {
  await type(values()[0] as Element, "x(");
  await click("Publish");
  const sent = await wasAsked(screen, "PUT", "/rules/r1");
  const errors = [
    { path: "if.all[0].value", message: "is no pattern" },
    { path: "if.all[1]", message: "is asked before" },
  ];
  await act(async () => sent.answer({ title: "No", status: 422, code: "bad_rule", errors }, 422));
  const said = (): string[] =>
    ["Is no pattern.", "Is asked before."].filter((words) => document.body.textContent?.includes(words));
  await until(() => said().length === 2, "not said");
  await type(values()[1] as Element, "cash");
  await pause();
  expect(said()).toEqual(["Is no pattern."]);
  // another condition in its place is not what was refused
  await click("Remove condition 1");
  expect(said()).toEqual([]);
});
