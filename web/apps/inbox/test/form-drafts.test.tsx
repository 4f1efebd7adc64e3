// @vitest-environment jsdom
/** Forms whose drafts are on the server: what another device wrote, what is typed before it is known, starting over. */
import { act } from "react";
import { beforeEach, describe, expect, test } from "vitest";
import { NO_DRAFT } from "@/data/drafts";
import { keys } from "@/data/keys";
import Calls from "@/features/phone/Calls";
import { entered, withEntered } from "@/features/tickets/entered";
import NewTicketForm from "@/features/tickets/NewTicketForm";
import { TicketTalk } from "@/features/tickets/TicketTalk";
import { unsavedAt } from "@/parts/drafts/useKeeper";
import { head, ticket } from "./examples";
import { click, directory, eachOnAScreen, fieldOf, labelled, me, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const refund = {
  type_id: "refund",
  name: "Refund",
  kind: "back_office",
  fields: [{ id: "order", label: "Order", type: "text", options: [], needed: "no", help: "" }],
  active: true,
};
beforeEach(() => {
  screen.keepsDrafts = false;
  screen.client.setQueryData(keys.directory, directory({ ticket_types: [refund] }));
  screen.client.setQueryData(keys.me, me(["tickets.write", "conversations.reply"]));
});
const said = (words: string): Promise<boolean> =>
  until(() => document.body.textContent?.includes(words), `not said: ${words}`);
const at = { about: "tickets/t9", box: "comment" } as const;
const elsewhere = { ...NO_DRAFT, rev: 3, text: "From the phone" };
const comment = (): Promise<HTMLTextAreaElement> =>
  until(() => labelled<HTMLTextAreaElement>("Comment"), "no comment box");

test("what another device wrote stands in a box in which nothing was written since", async () => {
  await screen.show(<TicketTalk ticket={ticket({ id: "t9" })} />);
  (await wasAsked(screen, "GET", "/tickets/t9/drafts")).answer({ items: { comment: elsewhere } });
  const box = await comment();
  await until(() => box.value === "From the phone", "not shown");
  expect(screen.asked.filter(({ method }) => method === "PUT")).toEqual([]);
});

test("what was typed before that was known is kept, and its writer chooses", async () => {
  await screen.show(<TicketTalk ticket={ticket({ id: "t9" })} />);
  const box = await comment();
  await type(box, "Typed at once");
  (await wasAsked(screen, "GET", "/tickets/t9/drafts")).answer({ items: { comment: elsewhere } });
  const kept = await wasAsked(screen, "PUT", "/tickets/t9/drafts");
  expect(JSON.parse(kept.body)).toMatchObject({ box: "comment", rev: 0, text: "Typed at once" });
  expect([box.value, unsavedAt(at)?.letter.text]).toEqual(["Typed at once", "Typed at once"]);
  const conflict = { title: "Conflict", status: 409, code: "draft_changed", existing: elsewhere };
  await act(async () => kept.answer(conflict, 409));
  await said("This draft was changed in another window");
  expect(box.value).toBe("Typed at once");
  await click("Use the other one");
  expect([box.value, unsavedAt(at)]).toEqual(["From the phone", null]);
});

test("what was typed before it was known that nothing is there goes on from that", async () => {
  await screen.show(<TicketTalk ticket={ticket({ id: "t9" })} />);
  await type(await comment(), "Typed at once");
  (await wasAsked(screen, "GET", "/tickets/t9/drafts")).answer({
    items: { comment: { ...NO_DRAFT, rev: 4 } },
  });
  const kept = await wasAsked(screen, "PUT", "/tickets/t9/drafts");
  expect(JSON.parse(kept.body)).toMatchObject({ box: "comment", rev: 4, text: "Typed at once" });
  await act(async () => kept.answer({ ...NO_DRAFT, rev: 5, text: "Typed at once" }));
});

/** A box whose words are kept by it alone until they were sent. */
const calls = <Calls head={head({ id: "c9", call_attempts: 0 })} />;
const ofCalls = { about: "conversations/c9", box: "attempt" } as const;
const noted = { head: head({ id: "c9", seq: 5 }), events: [] };
const note = (): Promise<HTMLTextAreaElement> =>
  until(() => fieldOf<HTMLTextAreaElement>("Note"), "no note box");
/** An attempt is chosen, written about, and on its way. */
async function attempted(words: string): Promise<void> {
  const outcome = await until(
    () => screen.box.querySelector<HTMLElement>("input[value=no_answer]"),
    "no outcome",
  );
  await act(async () => outcome.click());
  await type(await note(), words);
  await click("Save attempt 1");
}

test("this browser keeps what is being sent until it was", async () => {
  screen.keepsDrafts = true;
  await screen.show(calls);
  await attempted("Sent at once");
  const sent = await wasAsked(screen, "POST", "/c9/call-attempts");
  expect(unsavedAt(ofCalls)?.letter.text).toBe("Sent at once");
  await act(async () => sent.answer(noted));
  const box = await note();
  await until(() => box.value === "", "not emptied");
  expect(unsavedAt(ofCalls)).toBe(null);
});

test("what is on its way is sent as the same again from a box that was left and opened anew", async () => {
  screen.keepsDrafts = true;
  const keysOf = (): (string | null)[] =>
    screen.asked.flatMap(({ method, key }) => (method === "POST" ? [key] : []));
  await screen.show(calls);
  await attempted("Only once");
  await wasAsked(screen, "POST", "/c9/call-attempts");
  await screen.gone();
  await screen.show(calls);
  expect((await note()).value).toBe("Only once");
  await click("Save attempt 1");
  await until(() => keysOf().length === 2, "not sent again");
  expect(keysOf()[1]).toBe(keysOf()[0]);
  for (const each of screen.asked.filter(({ method }) => method === "POST"))
    await act(async () => each.answer(noted));
});

test("a box that was opened anew while its words are on their way is empty once they were sent", async () => {
  screen.keepsDrafts = true;
  await screen.show(calls);
  await attempted("Away");
  const sent = await wasAsked(screen, "POST", "/c9/call-attempts");
  await screen.gone();
  await screen.show(calls);
  const box = await note();
  expect(box.value).toBe("Away");
  await act(async () => sent.answer(noted));
  await until(() => box.value === "", "still there");
  expect([unsavedAt(ofCalls), screen.asked.filter(({ method }) => method === "PUT")]).toEqual([null, []]);
});

test("a form goes on where it was left, keeps what differs from what is known, and is begun anew", async () => {
  const conversation = head({ id: "c9", subject: "Order 1001" });
  const props = { head: conversation, typeId: "refund", close: () => undefined, open: () => undefined };
  await screen.show(<NewTicketForm {...props} />);
  const fields = { type_id: "refund", "field.order": "1002" };
  const draft = { ...NO_DRAFT, rev: 1, text: "Twice", fields };
  (await wasAsked(screen, "GET", "/conversations/c9/drafts")).answer({ items: { ticket: draft } });
  await until(() => fieldOf<HTMLInputElement>("Order")?.value === "1002", "not filled in");
  expect(fieldOf<HTMLInputElement>("Title")?.value).toBe("Twice");
  await click("Start over");
  expect(fieldOf<HTMLInputElement>("Order")?.value).toBe("1001");
  const kept = await wasAsked(screen, "PUT", "/conversations/c9/drafts");
  expect(JSON.parse(kept.body)).toMatchObject({ box: "ticket", rev: 1, text: "", fields: {} });
});

describe("fields of a form's draft", () => {
  test("are those that were entered over what is known, an emptied one too", () => {
    const kept = entered({ order: "1001", page: "a" }, { order: "", page: "a", vip: true });
    expect(kept).toEqual({ "field.order": "", "field.page": undefined, "field.vip": true });
    expect(entered({}, { page: "" })).toEqual({ "field.page": undefined });
    const fields = { "field.order": "", "field.vip": true, type_id: "refund" };
    expect(withEntered({ order: "1001", page: "b" }, fields)).toEqual({ order: "", page: "b", vip: true });
  });
});
