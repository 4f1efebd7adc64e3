// @vitest-environment jsdom
/** Edits of a contact without a line: shown at once, sent once with the version they were made on, never lost. */

import { useQuery } from "@tanstack/react-query";
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Contact, ContactAnswer } from "@/api/contacts";
import { contactQuery } from "@/data/contacts";
import { keys } from "@/data/keys";
import { drain, queueChanged } from "@/data/queue";
import { refreshQueue } from "@/data/undecided";
import { listed } from "@/lib/waiting";
import { Qualifications } from "@/parts/contact/Qualifications";
import { contact } from "./examples";
import { click, directory, eachOnAScreen, labelled, me, press, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
let hasLine: boolean;
beforeEach(() => {
  hasLine = true;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => hasLine);
  screen.client.setQueryData(keys.directory, directory({ attributes: [loyalty] }));
  screen.client.setQueryData(keys.me, me(["contacts.write"]));
  answered({});
  refreshQueue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const loyalty = {
  attribute_id: "vip",
  seq: 1,
  applies_to: "contact",
  label: "VIP",
  type: "yes_no",
  options: [],
  help: "",
  required: false,
  brand_ids: ["paleo-hacks"],
  active: true,
};
const told = (part: Partial<Contact>): ContactAnswer => ({ contact: contact(part), merged: [] });
function answered(part: Partial<Contact>): void {
  screen.client.setQueryData(keys.contact("p1"), told(part));
}
function Shown({ id = "p1" }: { id?: string }) {
  const { data } = useQuery(contactQuery(id));
  return data && <Qualifications key={data.contact.id} contact={data.contact} />;
}
const cached = (id = "p1") => screen.client.getQueryData<ContactAnswer>(keys.contact(id))?.contact;
const patches = () => screen.asked.filter(({ method }) => method === "PATCH");
const waits = (): Element | null => document.querySelector("ul[aria-label='Not saved yet']");
const refused = (): Element | null => document.querySelector("ul[aria-label='Not saved yet'] [role=alert]");

/** Typed into the field of that label, and left with Enter. */
async function enter(open: string, label: string, words: string): Promise<void> {
  await click(open);
  const field = await until(() => labelled<HTMLInputElement>(label), `no ${label}`);
  await type(field, words);
  await press(field, "Enter");
}

/** The line is back, and this becomes of each that waits. */
async function back(...answers: [body: object, status?: number][]): Promise<void> {
  hasLine = true;
  const before = patches().length;
  let drained: Promise<void> | undefined;
  await act(async () => {
    drained = drain(screen.client);
  });
  for (const [n, [body, status]] of answers.entries()) {
    const sent = await until(() => patches()[before + n], "not sent");
    await act(async () => sent.answer(body, status));
  }
  await act(async () => drained);
}

const overtaken = {
  title: "Changed",
  detail: "Leo changed the location to Paris while you were editing. Save again to replace it.",
  code: "changed_meanwhile",
  status: 409,
};

test("edits without a line are shown at once, wait, and are each sent once with the version they were made on", async () => {
  await screen.show(<Shown />);
  hasLine = false;
  await enter("Add Location: Add", "Location", "London");
  await until(() => waits()?.textContent?.includes("Location waits"), "not shown as waiting");
  await enter("Edit Location: London", "Location", "Londinium");
  await click("Add VIP: Add");
  await click("Yes");
  await until(() => listed("").length === 3, "not kept");
  expect(patches()).toEqual([]);
  expect([cached()?.location, cached()?.attributes, cached()?.seq]).toEqual([
    "Londinium",
    [{ id: "vip", value: true }],
    4,
  ]);
  const waiting = listed("").map(({ key }) => key);
  // The page is closed; the next one has it too, and what the server says does not hide it.
  await screen.gone();
  screen.client.removeQueries({ queryKey: keys.contact("p1") });
  await screen.show(<Shown />);
  const asked = await wasAsked(screen, "GET", "/contacts/p1");
  await act(async () => asked.answer(told({ seq: 5, language: "de" })));
  await until(() => cached()?.location === "Londinium", "not laid over");

  const location = "London";
  await back(
    [told({ seq: 6, language: "de", location })],
    [told({ seq: 7, language: "de", location: "Londinium" })],
    [told({ seq: 8, language: "de", location: "Londinium", attributes: [{ id: "vip", value: true }] })],
  );
  expect(patches().map(({ key }) => key)).toEqual(waiting);
  expect(patches().map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
    ["/api/tickets/contacts/p1", { location: "London", seen_seq: 4 }],
    ["/api/tickets/contacts/p1", { location: "Londinium", seen_seq: 4 }],
    ["/api/tickets/contacts/p1", { attributes: { vip: true }, seen_seq: 4 }],
  ]);
  expect([waits(), listed(""), cached()?.seq]).toEqual([null, [], 8]);
});

test("where somebody else was faster it is not written over: the words stay, and are saved anyway on what is seen", async () => {
  await screen.show(<Shown />);
  hasLine = false;
  await enter("Add Location: Add", "Location", "London");
  await until(waits, "not shown as waiting");
  await back([overtaken, 409]);
  const asked = await wasAsked(screen, "GET", "/contacts/p1");
  await act(async () => asked.answer(told({ seq: 6, location: "Paris" })));
  const alert = await until(refused, "not told");
  expect(alert.textContent).toContain("Location wasn’t changed. Leo changed the location to Paris");
  expect(alert.textContent).toContain("London");
  await until(() => document.body.textContent?.includes("Edit Location: Paris"), "not what is there now");
  await click("Save anyway");
  const sent = await until(() => patches()[1], "not sent");
  expect(JSON.parse(sent.body)).toEqual({ location: "London", seen_seq: 6 });
  expect(sent.key).not.toBe(patches()[0]?.key);
  await act(async () => sent.answer(told({ seq: 7, location: "London" })));
  await until(() => !waits() && cached()?.location === "London", "not saved");
});

test("what is refused is typed again in its field; a list of addresses is never put back whole", async () => {
  await screen.show(<Shown />);
  hasLine = false;
  await enter("Add email", "Secondary", "work@example");
  await until(() => cached()?.emails.length === 2, "not shown");
  await back([{ ...overtaken, detail: "Leo changed the email addresses." }, 409]);
  const asked = await wasAsked(screen, "GET", "/contacts/p1");
  const emails = ["ada@home.example", "leo@new.example"];
  await act(async () => asked.answer(told({ seq: 6, emails })));
  await until(() => document.body.textContent?.includes("leo@new.example"), "not what is there now");
  expect(refused()?.textContent).not.toContain("Save anyway");
  await click("Edit it");
  const field = await until(() => labelled<HTMLInputElement>("Secondary"), "not open");
  expect([field.value, listed("")]).toEqual(["work@example", []]);
  await type(field, "work@shop.example");
  await press(field, "Enter");
  const sent = await until(() => patches()[1], "not sent");
  expect(JSON.parse(sent.body)).toEqual({ emails: [...emails, "work@shop.example"], seen_seq: 6 });
  await act(async () => sent.answer(told({ seq: 7, emails: [...emails, "work@shop.example"] })));
  await until(() => listed("").length === 0, "kept still");
  // Opened for another one it is empty again.
  await click("Add email");
  const another = await until(() => labelled<HTMLInputElement>("Secondary"), "not open");
  expect(another.value).toBe("");
});

test("a refusal with a line is told in the open field, and nothing else is kept", async () => {
  await screen.show(<Shown />);
  await enter("Add Phone: Add", "Phone", "12");
  const sent = await wasAsked(screen, "PATCH", "/contacts/p1");
  const errors = [{ path: "body.phones.0", message: "12 is not a phone number" }];
  await act(async () => sent.answer({ title: "No", status: 422, code: "invalid", errors }, 422));
  await until(() => document.body.textContent?.includes("12 is not a phone number."), "not told");
  expect([labelled<HTMLInputElement>("Phone")?.value, waits(), listed("")]).toEqual(["12", null, []]);
});

test("one that waits is taken back off the contact; so is one that another tab has sent", async () => {
  await screen.show(<Shown />);
  hasLine = false;
  await enter("Add Location: Add", "Location", "London");
  await until(() => cached()?.location === "London", "not shown");
  await click("Take it back");
  expect([cached()?.location, listed("")]).toEqual(["", []]);
  await enter("Add Location: Add", "Location", "Leeds");
  await until(() => cached()?.location === "Leeds", "not shown");
  localStorage.clear();
  await act(async () => queueChanged(screen.client));
  expect([cached()?.location, waits()]).toEqual(["", null]);
});
