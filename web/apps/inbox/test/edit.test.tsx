// @vitest-environment jsdom
/** Forms that stay open: what is written in them when they are saved, and when others change what they show. */
import { act } from "react";
import { expect, test } from "vitest";
import { keys } from "@/data/keys";
import Account from "@/features/people/Account";
import AwayReasons from "@/features/settings/AwayReasons";
import {
  click,
  directory,
  eachOnAScreen,
  fieldOf,
  labelled,
  me,
  pause,
  type,
  until,
  wasAsked,
} from "./screen";

const screen = eachOnAScreen();
const reason = (n: number): HTMLInputElement => labelled<HTMLInputElement>(`Reason ${n}`) as HTMLInputElement;
const there = (seq: number, away_reasons: string[]): void =>
  void screen.client.setQueryData(keys.directory, directory({ settings: { seq, away_reasons } }));

test("what is written while the form is on its way stays, and is no change of somebody else’s", async () => {
  there(1, ["Lunch"]);
  await screen.show(<AwayReasons />);
  await type(reason(1), "Lunch ");
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/desk-settings");
  expect(JSON.parse(sent.body)).toEqual({ away_reasons: ["Lunch"], seen_seq: 1 });
  await type(reason(1), "Late lunch");
  await act(async () => sent.answer({ seq: 2, away_reasons: ["Lunch"] }));
  (await wasAsked(screen, "GET", "/directory")).answer(
    directory({ settings: { seq: 2, away_reasons: ["Lunch"] } }),
  );
  await until(() => !document.querySelector("[data-loading]"), "still busy");
  expect(reason(1).value).toBe("Late lunch");
  await click("Save");
  expect(JSON.parse((await wasAsked(screen, "PUT", "/desk-settings")).body).seen_seq).toBe(2);
});

test("a form follows others until something is written in it, and keeps that", async () => {
  there(1, ["Lunch"]);
  await screen.show(<AwayReasons />);
  await act(async () => there(2, ["Lunch", "Training"]));
  await pause();
  expect(reason(2).value).toBe("Training");
  await type(reason(2), "Course");
  await act(async () => there(3, ["Break", "Training"]));
  await pause();
  expect([reason(1).value, reason(2).value]).toEqual(["Lunch", "Course"]);
});

test("one’s name that is being written stays when an admin changes something else", async () => {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me([]));
  await screen.show(<Account />);
  const name = (): HTMLInputElement => fieldOf<HTMLInputElement>("Your name") as HTMLInputElement;
  await type(name(), "Maya Chen");
  await act(async () => void screen.client.setQueryData(keys.me, me([], { seq: 2, team_ids: ["t"] })));
  await pause();
  expect(name().value).toBe("Maya Chen");
});
