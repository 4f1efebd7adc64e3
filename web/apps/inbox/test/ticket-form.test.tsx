// @vitest-environment jsdom
/** The form of a ticket while others do something to it. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import type { Draft } from "@/api/drafts";
import type { TicketHead, TicketType } from "@/api/tickets";
import { NO_DRAFT } from "@/data/drafts";
import { keys } from "@/data/keys";
import { Resolve } from "@/features/tickets/Resolve";
import { TicketFacts } from "@/features/tickets/TicketFacts";
import { unsavedAt } from "@/parts/drafts/useKeeper";
import { ticket } from "./examples";
import { type Asked, click, directory, eachOnAScreen, fieldOf, me, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const refund = {
  type_id: "refund",
  name: "Refund",
  kind: "back_office",
  fields: [{ id: "order", label: "Order", type: "text", options: [], needed: "no", help: "" }],
  active: true,
};
beforeEach(() => {
  screen.client.setQueryData(keys.directory, directory({ ticket_types: [refund] }));
  screen.client.setQueryData(keys.me, me(["tickets.write"]));
});

const show = (now: TicketHead): Promise<void> => screen.show(<TicketFacts ticket={now} />);
const edit = async (now = ticket()): Promise<void> => {
  await show(now);
  await click("Edit");
};
const title = (): HTMLInputElement => fieldOf<HTMLInputElement>("Title") as HTMLInputElement;
const order = (): HTMLInputElement => fieldOf<HTMLInputElement>("Order") as HTMLInputElement;
const fills = (): Asked[] => screen.asked.filter(({ path }) => path.endsWith("/fields"));

test("what is being written stays when somebody comments, and is saved over what they did not touch", async () => {
  await edit();
  await type(title(), "Refund Rosa twice");
  await show(ticket({ seq: 4, comment_count: 1, assignee_id: "jonas" }));
  expect(title().value).toBe("Refund Rosa twice");
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(sent.body)).toEqual({
    title: "Refund Rosa twice",
    fields: { order: "1001" },
    seen_seq: 4,
  });
  await type(title(), "Refund Rosa thrice");
  await act(async () => sent.answer({ head: ticket({ seq: 5, title: "Refund Rosa twice" }), events: [] }));
  expect(title().value).toBe("Refund Rosa thrice");
  await until(() => !document.querySelector("[data-loading]"), "still busy");
  await click("Save");
  const again = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(again.body).seen_seq).toBe(5);
  await act(async () => again.answer({ head: ticket({ seq: 6, title: "Refund Rosa thrice" }), events: [] }));
  await until(() => !title(), "still a form");
});

test("it is read before it is edited: what is filled in, and what will be needed to resolve it", async () => {
  const finding = { id: "finding", label: "Finding", type: "long_text", needed: "to_resolve" };
  const empty = { id: "lot", label: "Lot", type: "text", needed: "no" };
  const asked = { ...refund, fields: [...refund.fields, finding, empty] };
  screen.client.setQueryData(keys.directory, directory({ ticket_types: [asked] }));
  await show(ticket());
  const lines = [...document.querySelectorAll("dl > div")].map((each) => each.textContent);
  expect(lines).toEqual(["Order1001", "FindingNeeded to resolve"]);
  await show(ticket({ state: "resolved" }));
  expect(document.querySelectorAll("dl > div").length).toBe(1);
});

test("who may not change tickets only reads it", async () => {
  screen.client.setQueryData(keys.me, me(["tickets.read"]));
  await show(ticket());
  expect(screen.box.textContent).toContain("1001");
  expect(document.querySelector("button")).toBeNull();
});

test("it follows others while nothing is written in it", async () => {
  await edit();
  await show(ticket({ seq: 2, title: "Refund Rosa’s friend" }));
  expect(title().value).toBe("Refund Rosa’s friend");
});

test("where others changed the same, that is said with what they wrote, and what was written stays", async () => {
  await edit();
  await type(title(), "Mine");
  await show(ticket({ seq: 2, title: "Theirs" }));
  expect(title().value).toBe("Mine");
  expect(screen.box.textContent).toContain("Somebody else changed this");
  expect(document.querySelector("[role=alert] dl")?.textContent).toBe("TitleTheirs");
  await click("Save");
  expect(fills()).toEqual([]);
  await click("Save mine over it");
  const over = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(over.body)).toMatchObject({ title: "Mine", seen_seq: 2 });
});

test("theirs is taken for what clashes, and what was written beside it stays", async () => {
  await edit();
  await type(title(), "Mine");
  await type(order(), "1002");
  await show(ticket({ seq: 2, title: "Theirs" }));
  await click("Show theirs");
  expect([title().value, order().value]).toEqual(["Theirs", "1002"]);
  expect(screen.box.textContent).not.toContain("Somebody else changed this");
});

test("what others changed beside it shows, and goes with it", async () => {
  await edit();
  await type(title(), "Mine");
  await show(ticket({ seq: 2, fields: [{ id: "order", value: "1002" }] }));
  expect([title().value, order().value]).toEqual(["Mine", "1002"]);
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(sent.body)).toEqual({ title: "Mine", fields: { order: "1002" }, seen_seq: 2 });
});

test("who was quicker than the news of it is not written over", async () => {
  await edit();
  await type(title(), "Mine");
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  const existing = ticket({ seq: 2, title: "Theirs" });
  await act(async () => sent.answer({ title: "No", status: 409, code: "changed_meanwhile", existing }, 409));
  await until(() => !document.querySelector("[data-loading]"), "still busy");
  expect([fills().length, title().value]).toEqual([1, "Mine"]);
  expect(document.querySelector("[role=alert] dl")?.textContent).toBe("TitleTheirs");
});

const at = { about: "tickets/t1", box: "form" } as const;
const drafted = (fields: Draft["fields"]): void =>
  void screen.client.setQueryData(keys.drafts(at.about), { form: { ...NO_DRAFT, rev: 1, fields } });

test("what was left in it stands there by itself, over what the ticket says by now, and takes no hand", async () => {
  drafted({ title: "Left", "was.title": "Refund Rosa", "field.gone": "x", "was.field.gone": null });
  await show(ticket({ fields: [{ id: "order", value: "1003" }] }));
  expect([title().value, order().value]).toEqual(["Left", "1003"]);
  expect(document.activeElement).toBe(document.body);
  await type(title(), "Refund Rosa");
  await type(order(), "");
  const kept = async (): Promise<unknown> => {
    await until(() => document.body.textContent?.includes("Draft saved"), "not kept");
    return JSON.parse((await wasAsked(screen, "PUT", "/tickets/t1/drafts")).body).fields;
  };
  const retired = { "field.gone": "x", "was.field.gone": null };
  expect(await kept()).toEqual({ ...retired, "field.order": "", "was.field.order": "1003" });
  await click("Cancel");
  expect(title()).toBeNull();
  await until(() => screen.asked.at(-1)?.body.includes('"fields":{}'), "still a draft");
});

test("what was left in it and changed by somebody else since is not saved unseen", async () => {
  drafted({ title: "Left", "was.title": "Refund Ros" });
  await show(ticket({ seq: 9 }));
  expect(title().value).toBe("Left");
  expect(document.querySelector("[role=alert] dl")?.textContent).toBe("TitleRefund Rosa");
});

test("what is of a field that its type asks for no more opens no form", async () => {
  drafted({ "field.gone": "x", "was.field.gone": null });
  await show(ticket());
  expect(title()).toBeNull();
});

test("this browser keeps it until it is saved, and then nobody has it", async () => {
  await edit();
  await type(order(), "1002");
  expect(unsavedAt(at)?.letter.fields).toEqual({ "field.order": "1002", "was.field.order": "1001" });
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  const fields = [{ id: "order", value: "1002" }];
  await act(async () => sent.answer({ head: ticket({ seq: 2, fields }), events: [] }));
  await until(() => !title(), "still a form");
  await until(() => unsavedAt(at) === null, "still kept");
});

test("one’s own change of something else, not yet known here, is no clash: it is saved once more", async () => {
  await edit();
  await type(title(), "Mine");
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  const existing = ticket({ seq: 2, due_at: "2026-05-05T09:00:00Z" });
  await act(async () => sent.answer({ title: "No", status: 409, code: "changed_meanwhile", existing }, 409));
  const again = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(again.body)).toMatchObject({ title: "Mine", seen_seq: 2 });
  await act(async () => again.answer({ head: ticket({ seq: 3, title: "Mine" }), events: [] }));
  await until(() => !document.querySelector("[data-loading]"), "still busy");
  expect(screen.box.textContent).not.toContain("Somebody else changed this");
});

const withRetired = [
  { id: "gone", value: "old" },
  { id: "order", value: "1001" },
];

test("what its type no longer asks for is not sent: it would be refused where nobody sees it", async () => {
  await edit(ticket({ fields: withRetired }));
  await type(title(), "Mine");
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(sent.body).fields).toEqual({ order: "1001" });
});

test("nor is it when the ticket is resolved", async () => {
  const now = ticket({ fields: withRetired });
  const of = refund as unknown as TicketType;
  await screen.show(<Resolve ticket={now} type={{ ...of, customer: [] }} opened close={() => undefined} />);
  await click("Resolve");
  const sent = await wasAsked(screen, "POST", "/tickets/t1/state");
  expect(JSON.parse(sent.body)).toMatchObject({ state: "resolved" });
  expect(JSON.parse(sent.body).fields).toEqual({ order: "1001" });
});

test("a day that nobody can read is neither lost nor left out: it is sent as it was typed, to be refused", async () => {
  const since = { id: "since", label: "Since", type: "date", options: [], needed: "no", help: "" };
  screen.client.setQueryData(keys.directory, directory({ ticket_types: [{ ...refund, fields: [since] }] }));
  await edit(ticket({ fields: [{ id: "since", value: "2026-04-01" }] }));
  const day = (): HTMLInputElement | null => {
    const field = fieldOf<HTMLInputElement>("Since");
    return field && !field.readOnly ? field : null;
  };
  const field = await until(day, "no field");
  expect(field.value).toBe("1 Apr 2026");
  await act(async () => field.focus());
  await type(field, "3/5/2026");
  expect(document.body.textContent).not.toContain("is no day");
  await act(async () => field.blur());
  expect(field.value).toBe("3/5/2026");
  await until(() => document.body.textContent?.includes("“3/5/2026” is no day."), "not said");
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(sent.body).fields).toEqual({ since: "3/5/2026" });
  const errors = [{ path: "body.fields.since", message: "Since is a date" }];
  await act(async () => sent.answer({ title: "No", status: 422, code: "bad_fields", errors }, 422));
  await until(() => !document.querySelector("[data-loading]"), "still busy");
  await type(field, "3 May 2026");
  await act(async () => field.blur());
  await click("Save");
  const right = await wasAsked(screen, "PUT", "/tickets/t1/fields");
  expect(JSON.parse(right.body).fields).toEqual({ since: "2026-05-03" });
  expect(document.body.textContent).not.toContain("is no day");
});
