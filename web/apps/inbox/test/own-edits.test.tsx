// @vitest-environment jsdom
/** Two changes of one's own in a row: the second does not meet the first as somebody else's. */
import { act } from "react";
import { expect, test } from "vitest";
import type { Team } from "@/api/people";
import { keys } from "@/data/keys";
import { Members } from "@/features/people/Members";
import { HandlesField } from "@/parts/contact/HandlesField";
import {
  type Asked,
  click,
  directory,
  eachOnAScreen,
  fieldOf,
  labelled,
  pause,
  press,
  until,
  wasAsked,
} from "./screen";

const screen = eachOnAScreen();
const agent = (agent_id: string, seq: number, team_ids: string[]): object => ({
  agent_id,
  seq,
  team_ids,
  name: agent_id,
  active: true,
});
const asked = (method: string): Asked[] => screen.asked.filter((each) => each.method === method);

test("Backspace twice among the members of a team takes off two, one after the other", async () => {
  const there = directory({ agents: [agent("jonas", 1, ["t"]), agent("maya", 1, ["t"])] });
  screen.client.setQueryData(keys.directory, there);
  await screen.show(<Members team={{ team_id: "t" } as Team} />);
  const field = await until(() => fieldOf("Members"), "no field");
  await press(field, "Backspace");
  await press(field, "Backspace");
  await until(() => asked("PUT").length > 0, "not kept");
  await pause();
  expect(asked("PUT").map(({ path }) => path)).toEqual(["/api/tickets/agents/maya"]);
  expect(screen.box.querySelectorAll(".mantine-Pill-label").length).toBe(0);
  asked("PUT")[0]?.answer({});
  const after = directory({ agents: [agent("jonas", 2, ["t"]), agent("maya", 2, [])] });
  (await wasAsked(screen, "GET", "/directory")).answer(after);
  await until(() => asked("PUT").length > 1, "the second is lost");
  expect(asked("PUT").map(({ path, body }) => [path, JSON.parse(body)])).toMatchObject([
    ["/api/tickets/agents/maya", { team_ids: [], seen_seq: 1 }],
    ["/api/tickets/agents/jonas", { team_ids: [], seen_seq: 2 }],
  ]);
});

test("while an address becomes the primary one, none can be removed", async () => {
  let kept = (): void => undefined;
  const saved: string[][] = [];
  const save = (values: string[]): Promise<void> => {
    saved.push(values);
    return new Promise((resolve) => {
      kept = resolve;
    });
  };
  const values = ["a@shop.example", "b@shop.example"];
  await screen.show(
    <HandlesField kind="email" values={values} mayEdit save={save} refused={() => undefined} />,
  );
  const menu = async (): Promise<void> => {
    await act(async () => labelled("More for b@shop.example")?.click());
  };
  await menu();
  await click("Make primary");
  await menu();
  await click("Remove");
  expect(saved).toEqual([["b@shop.example", "a@shop.example"]]);
  await act(async () => kept());
  await click("Remove");
  expect(saved[1]).toEqual(["a@shop.example"]);
});
