// @vitest-environment jsdom
/** A conversation's own attributes without a line: shown at once, sent once, never over what somebody else chose. */

import { useQuery } from "@tanstack/react-query";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ConversationRow } from "@/api/types";
import { keys } from "@/data/keys";
import { drain } from "@/data/queue";
import { conversationQuery } from "@/data/timeline";

import { refreshQueue } from "@/data/undecided";
import { CustomFields } from "@/features/details/CustomFields";
import { listed } from "@/lib/waiting";
import { head } from "./examples";
import { click, directory, eachOnAScreen, labelled, me, press, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
let hasLine: boolean;
beforeEach(() => {
  hasLine = true;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => hasLine);
  screen.client.setQueryData(keys.directory, directory({ attributes: [color, size] }));
  screen.client.setQueryData(keys.me, me(["conversations.edit"]));
  screen.client.setQueryData(keys.conversation("c1"), { head: there({}), unread: false });
  refreshQueue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const ofConversations = {
  seq: 1,
  applies_to: "conversation",
  options: [],
  help: "",
  required: false,
  brand_ids: [],
  active: true,
};
const color = { ...ofConversations, attribute_id: "color", label: "Color", type: "text" };
const size = { ...ofConversations, attribute_id: "size", label: "Size", type: "number" };

const there = (values: Record<string, string | number>, seq = 4) =>
  head({ id: "c1", seq, attributes: Object.entries(values).map(([id, value]) => ({ id, value })) });
const answer = (values: Record<string, string | number>, seq: number) => ({
  head: there(values, seq),
  events: [],
});
const row = () => screen.client.getQueryData<ConversationRow>(keys.conversation("c1"));
const values = () => row()?.head.attributes.map(({ id, value }) => [id, value]);
const sent = () => screen.asked.filter(({ path }) => path.endsWith("/c1/attributes"));
const bodies = () => sent().map(({ body }) => JSON.parse(body));
const waits = (): Element | null => document.querySelector("ul[aria-label='Not saved yet']");

function Shown() {
  const { data } = useQuery(conversationQuery("c1"));
  return data && <CustomFields head={data.head} mayEdit />;
}

async function enter(open: string, label: string, words: string): Promise<void> {
  await click(open);
  const field = await until(() => labelled<HTMLInputElement>(label), `no ${label}`);
  await type(field, words);
  await press(field, "Enter");
}

/** The line is back, and this becomes of each that waits. */
async function back(...answers: [body: object, status?: number][]): Promise<void> {
  hasLine = true;
  let drained: Promise<void> | undefined;
  await act(async () => {
    drained = drain(screen.client);
  });
  for (const [n, [body, status]] of answers.entries()) {
    const asked = await until(() => sent()[n], "not sent");
    await act(async () => asked.answer(body, status));
  }
  await act(async () => drained);
}

test("each waits, is shown, and is sent once over what its writer saw", async () => {
  await screen.show(<Shown />);
  hasLine = false;
  await enter("Add Color: Add", "Color", "red");
  await until(() => waits()?.textContent?.includes("Color waits"), "not shown as waiting");
  await enter("Edit Color: red", "Color", "blue");
  await enter("Add Size: Add", "Size", "7");
  await until(() => listed("").length === 3, "not kept");
  expect(values()).toEqual([
    ["color", "blue"],
    ["size", 7],
  ]);
  expect(sent()).toEqual([]);
  const waiting = listed("").map(({ key }) => key);
  await back(
    [answer({ color: "red" }, 5)],
    [answer({ color: "blue" }, 6)],
    [answer({ color: "blue", size: 7 }, 7)],
  );
  expect(sent().map(({ key }) => key)).toEqual(waiting);
  expect(bodies()).toEqual([
    { attributes: { color: "red" }, seen: { color: null } },
    { attributes: { color: "blue" }, seen: { color: "red" } },
    { attributes: { size: 7 }, seen: { size: null } },
  ]);
  expect([waits(), listed(""), row()?.told]).toEqual([null, [], undefined]);
});

test("where somebody else was faster it is undone, told, and saved anyway over what is seen then", async () => {
  await screen.show(<Shown />);
  hasLine = false;
  await enter("Add Color: Add", "Color", "red");
  await until(waits, "not shown as waiting");
  const detail = "Somebody changed Color to green while you were editing. Save again to replace it.";
  await back([{ title: "Changed", detail, code: "changed_meanwhile" }, 409]);
  const asked = await wasAsked(screen, "GET", "/conversations/c1");
  await act(async () => asked.answer({ head: there({ color: "green" }, 5), unread: false }));
  await until(() => document.body.textContent?.includes("Edit Color: green"), "not what is there now");
  expect(waits()?.textContent).toContain("Color wasn’t changed. Somebody changed Color to green");
  await click("Save anyway");
  const again = await until(() => sent()[1], "not sent");
  expect(JSON.parse(again.body)).toEqual({ attributes: { color: "red" }, seen: { color: "green" } });
  expect(again.key).not.toBe(sent()[0]?.key);
  await act(async () => again.answer(answer({ color: "red" }, 6)));
  await until(() => !waits() && values()?.[0]?.[1] === "red", "not saved");
});

test("with a line a refusal is told in the open field, and what is there now is asked for", async () => {
  await screen.show(<Shown />);
  await enter("Add Color: Add", "Color", "red");
  const first = await until(() => sent()[0], "not sent");
  expect(values()).toEqual([]);
  await act(async () => first.answer({ title: "Changed", detail: "Green.", code: "changed_meanwhile" }, 409));
  const asked = await wasAsked(screen, "GET", "/conversations/c1");
  await act(async () => asked.answer({ head: there({ color: "green" }, 5), unread: false }));
  const field = await until(() => labelled<HTMLInputElement>("Color"), "closed");
  await until(() => document.body.textContent?.includes("Green."), "not told");
  expect([field.value, listed(""), waits()]).toEqual(["red", [], null]);
  await press(field, "Enter");
  const again = await until(() => sent()[1], "not sent");
  expect(JSON.parse(again.body).seen).toEqual({ color: "green" });
});
