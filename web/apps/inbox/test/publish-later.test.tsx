// @vitest-environment jsdom
/** What is to be in force later is never in force now. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import { MACROS } from "@/data/governed";
import { keys } from "@/data/keys";
import { ActDialog } from "@/parts/governed/ActDialog";
import { standing } from "./examples";
import { click, directory, eachOnAScreen, labelled, me, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const one = {
  id: "m1",
  seq: 2,
  version: 2,
  name: "Refund",
  saved_at: "",
  saved_by: "",
  standing: standing({}),
};

beforeEach(async () => {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["macros.publish"]));
  await screen.show(<ActDialog kind={MACROS} one={one} act="publish" close={() => undefined} />);
});

const choose = (name: string): Promise<void> =>
  act(async () => {
    const labels = [...document.querySelectorAll("label")];
    labels.find((each) => each.textContent === name)?.click();
  });
const sent = (): unknown[] =>
  screen.asked.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body));

test("without its time nothing is published, and with it that time is said", async () => {
  await choose("At a time");
  await click("Publish");
  await until(() => document.body.textContent?.includes("Say at what time."), "not asked for");
  expect(sent()).toEqual([]);
  const field = await until(() => labelled<HTMLInputElement>("At what time"), "no field");
  await type(field, "2030-05-06T08:00");
  await click("Publish");
  await wasAsked(screen, "POST", "/publish");
  expect(sent()).toEqual([{ rationale: "", at: new Date("2030-05-06T08:00").toISOString() }]);
});

test("now after all is now", async () => {
  await choose("At a time");
  await choose("Now");
  await click("Publish");
  await wasAsked(screen, "POST", "/publish");
  expect(sent()).toEqual([{ rationale: "" }]);
});
