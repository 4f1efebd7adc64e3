// @vitest-environment jsdom
/** What can be done and gone to from any page: what Enter would do is seen at once. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import type { Head } from "@/api/types";
import { keys } from "@/data/keys";
import Palette from "@/features/palette/Palette";
import { palette, store } from "@/features/palette/spotlight";
import { desk } from "@/lib/desk";
import { head } from "./examples";
import { directory, eachOnAScreen, me, pause, showAt, until } from "./screen";

const screen = eachOnAScreen();
const ABLE = ["conversations.read", "conversations.reply", "tickets.read", "tickets.write"];
const names = (): string[] =>
  [...document.querySelectorAll("[data-action]")].map((each) => each.textContent ?? "");

beforeEach(() => {
  window.scrollTo = () => undefined;
  desk.set({ newConversation: false });
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.views, { items: [] });
});

const shown = (permissions: string[], open?: Head) => {
  screen.client.setQueryData(keys.me, me(permissions));
  return showAt(
    screen,
    {
      paths: ["/settings", "/inbox/$inbox", "/tickets/$view"],
      content: () => <Palette head={open} />,
    },
    "/settings",
  );
};

test("its first row is chosen before anything is typed, and stays so", async () => {
  await shown(ABLE);
  await act(async () => palette.open());
  await until(() => document.querySelector("[data-selected]"), "nothing is chosen");
  await pause();
  expect(document.querySelectorAll("[data-selected]").length).toBe(1);
  expect(document.querySelector("[data-selected]")?.textContent).toContain(names()[0]);
  expect(names()).toContain("Your inboxGI");
  await act(async () => palette.close());
  expect(store.getState().opened).toBe(false);
});

test("nor does it matter that its code comes after it was opened", async () => {
  await act(async () => palette.open());
  await shown(ABLE);
  await until(() => document.querySelector("[data-selected]"), "nothing is chosen");
  await act(async () => palette.close());
});

test("who reads no conversations is led to none", async () => {
  await shown(["tickets.read"]);
  await act(async () => palette.open());
  await until(() => names().length, "nothing to do");
  expect(names()).toEqual(["SettingsG,", "Keyboard shortcuts?", "TicketsGT"]);
  await act(async () => palette.close());
});

test("who may only read a conversation still learns why it is where it is, and is offered nothing else", async () => {
  await shown(["conversations.read"], head());
  await act(async () => palette.open());
  await until(() => names().length, "nothing to do");
  expect(names()[0]).toBe("Why? What rules did here…");
  expect(names()[1]).toBe("SettingsG,");
  await act(async () => palette.close());
});
