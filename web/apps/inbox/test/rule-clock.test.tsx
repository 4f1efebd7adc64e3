// @vitest-environment jsdom
/** A rule at times of the clock: its words, and its form with the next times and what is wrong. */
import { act } from "react";
import { expect, test } from "vitest";
import type { ClockTimes, RuleSchema } from "@/api/rules";
import { keys } from "@/data/keys";
import type { KeptRule } from "@/data/rules";
import Rules from "@/features/rules/Rules";
import { clockWords, momentIn, readTime, USUAL } from "@/lib/rules/clock";
import { editOf, linesOfRule, sentenceOfRule, triedOf } from "@/lib/rules/draft";
import { standing } from "./examples";
import {
  click,
  directory,
  eachOnAScreen,
  fieldOf,
  labelled,
  me,
  showAt,
  type,
  until,
  wasAsked,
} from "./screen";

const screen = eachOnAScreen();
const NAMING = { label: (name: string) => name, ref: (_: string, id: string) => id } as never;
const clock = (part: Partial<ClockTimes>): ClockTimes => ({ ...USUAL, ...part });

test.each([
  [{ times: ["17:00"] }, "every weekday at 17:00 in the brand’s time zone, for open conversations"],
  [
    { weekdays: ["mon"], times: ["09:00", "17:30"], zone: "America/New_York" },
    "every Monday at 9:00 and 17:30 by the clocks of America/New York, for open conversations",
  ],
  [
    { weekdays: [], month_days: [15, -1, 1], times: ["08:00"], statuses: ["open", "snoozed"] },
    "on the 1st, 15th and last day of the month at 8:00 in the brand’s time zone, for open and snoozed conversations",
  ],
  [
    {
      weekdays: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
      times: [],
      every: { hours: 2, from: "09:00", to: "17:00" },
    },
    "every day, every 2 hours from 9:00 to 17:00, in the brand’s time zone, for open conversations",
  ],
  [{ weekdays: [], times: [] }, "every … at … in the brand’s time zone, for open conversations"],
] as [Partial<ClockTimes>, string][])("%j in words", (part, words) => {
  expect(clockWords(clock(part))).toBe(words);
});

test.each([
  ["9", "09:00"],
  ["17", "17:00"],
  ["0930", "09:30"],
  ["9.15", "09:15"],
  ["24:00", "24:00"],
  ["noon", "noon"],
])("%s is read as %s", (typed, time) => {
  expect(readTime(typed)).toBe(time);
});

test("a moment is told by the clocks of its zone", () => {
  expect(momentIn("2026-05-04T15:00:00Z", "Europe/Berlin")).toMatch(/Mon.*(17:00|5:00)/);
});

const rule = (part: Partial<KeptRule> = {}): KeptRule => ({
  id: "r1",
  name: "Evening",
  enabled: true,
  brand_ids: [],
  when: ["ClockStruck"],
  if: null,
  then: [{ kind: "add_tags", tags: ["evening"] }],
  stop: false,
  after: null,
  cancel_on: [],
  clock: clock({ times: ["17:00"] }),
  order: 0,
  version: 1,
  seq: 1,
  saved_at: "2026-03-02T08:00:00Z",
  saved_by: "leo",
  fields: [],
  standing: standing({ published: 1 }),
  ...part,
});

test("it is a sentence and a line of its own, and is tried as one that stops no others", () => {
  expect(sentenceOfRule(editOf(rule()), NAMING)).toBe(
    "Every weekday at 17:00 in the brand’s time zone, for open conversations, then add the tag “evening”.",
  );
  expect(linesOfRule(rule(), NAMING)).toContainEqual({
    part: "At",
    depth: 0,
    text: "Every weekday at 17:00 in the brand’s time zone, for open conversations",
  });
  expect(triedOf(editOf(rule({ then: [] }))).stop).toBe(false);
});

test("the form shows the next times and says what is wrong where it is", async () => {
  window.scrollTo = () => undefined;
  const schema = { events: ["ClockStruck"], actions: ["add_tags"], fields: [], operators: {} };
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["rules.read", "rules.write", "rules.publish"]));
  screen.client.setQueryData(keys.ruleSchema, schema as unknown as RuleSchema);
  screen.client.setQueryData([...keys.rules, "governance"], { approvals: 0, approver_role_ids: [] });
  screen.client.setQueryData(keys.rules, [rule()]);
  const content = () => <Rules item="r1" view={null} open={() => undefined} />;
  await showAt(screen, { paths: ["/settings/rules/$item"], content }, "/settings/rules/r1");
  await until(() => fieldOf("Name"), "no form");
  const next = await wasAsked(screen, "POST", "/rules/times");
  expect(JSON.parse(String(next.body))).toMatchObject({ clock: { times: ["17:00"] }, brand_ids: [] });
  await act(async () =>
    next.answer({ items: [{ zone: "UTC", at: ["2026-05-04T17:00:00Z", "2026-05-05T17:00:00Z"] }] }),
  );
  await until(() => labelled("Next times")?.querySelectorAll("time").length === 2, "no next times");
  expect(document.body.textContent).not.toContain("Wait, and act only");
  await type(fieldOf("Name") as Element, "Late");
  await click("Publish");
  const sent = await wasAsked(screen, "PUT", "/rules/r1");
  const errors = [{ path: "clock.times", message: "Name a time." }];
  await act(async () => sent.answer({ title: "No", status: 422, code: "invalid_rule", errors }, 422));
  await until(() => document.body.textContent?.includes("Name a time."), "not said");
});
