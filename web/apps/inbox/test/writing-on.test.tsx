// @vitest-environment jsdom
/** What is written on while a comment, a note or a side mail is on its way, or left before it was sent. */
import type { Editor } from "@tiptap/react";
import { act, type ReactNode } from "react";
import { beforeEach, expect, test } from "vitest";
import type { Contact } from "@/api/contacts";
import { keys } from "@/data/keys";
import { useSend } from "@/features/composer/useSend";
import { Activity } from "@/features/contacts/Activity";
import { SideWriting } from "@/features/sides/SideWriting";
import { TicketTalk } from "@/features/tickets/TicketTalk";
import { desk } from "@/lib/desk";
import type { Unsaved } from "@/parts/drafts/keeper";
import { withoutSent } from "@/parts/drafts/letters";
import { toasts } from "@/ui/toast";
import { head, side, ticket } from "./examples";
import { click, directory, eachOnAScreen, labelled, me, pause, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
beforeEach(() => {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["tickets.write", "contacts.write"]));
});
const field = (label: string): Promise<HTMLTextAreaElement> =>
  until(() => labelled<HTMLTextAreaElement>(label), `no ${label}`);
const idle = (): Promise<boolean> => until(() => !document.querySelector("[data-loading]"), "still busy");

test("only what was sent is taken out", () => {
  expect(withoutSent("One", "One\n\nTwo")).toBe("Two");
  expect(withoutSent("One", "One")).toBe("");
  expect(withoutSent("One", "Once more")).toBe("Once more");
});

test("a comment that is written while one is on its way stays, also here for the next time", async () => {
  await screen.show(<TicketTalk ticket={ticket()} />);
  const box = await field("Comment");
  await type(box, "First.");
  await click("Comment");
  const sent = await wasAsked(screen, "POST", "/comments");
  await type(box, "First. Second.");
  await act(async () => sent.answer({ head: ticket({ seq: 2 }), events: [] }));
  await until(() => box.value === "Second.", "what was sent stays, or what was not is gone");
  await screen.gone();
  await screen.show(<TicketTalk ticket={ticket()} />);
  expect((await field("Comment")).value).toBe("Second.");
  await until(
    () => screen.asked.some(({ method, body }) => method === "PUT" && JSON.parse(body).text === "Second."),
    "not kept",
  );
});

test("a second note of the same words is another note, and one that is tried again is the same", async () => {
  const contact = { id: "p1", merged_ids: [] as string[] } as Contact;
  const answer = { contact, events: [] };
  await screen.show(<Activity contact={contact} />);
  const box = await field("Note about this person");
  const keysOf = (): (string | null)[] =>
    screen.asked.filter((each) => each.method === "POST").map((each) => each.key);
  await type(box, "Called.");
  await click("Add note");
  (await wasAsked(screen, "POST", "/notes")).answer({ title: "No", code: "too_long" }, 422);
  await idle();
  await click("Add note");
  (await wasAsked(screen, "POST", "/notes")).answer(answer);
  await until(() => box.value === "", "not emptied");
  await idle();
  await type(box, "Called.");
  await click("Add note");
  await until(() => keysOf().length === 3, "not asked for the second");
  const [first, again, second] = keysOf();
  expect(again).toBe(first);
  expect(second).not.toBe(first);
});

test("a second note of a conversation with the same words is another one", async () => {
  let send: ReturnType<typeof useSend>["send"] | undefined;
  function Probe(): ReactNode {
    send = useSend(head({ id: "c9" }), "note").send;
    return null;
  }
  await screen.show(<Probe />);
  const recipients = { to: [], cc: [], bcc: [] };
  const letter = { html: "<p>Called.</p>", recipients, attachments: [], mentions: [], actions: [] };
  const draft = { rev: 0, letter } as unknown as Unsaved;
  const note = async (): Promise<string | null> => {
    let over = false;
    await act(async () => void send?.(letter, draft, () => undefined).finally(() => (over = true)));
    const sent = await wasAsked(screen, "POST", "/note");
    sent.answer({ head: head({ id: "c9", seq: 2 }), events: [] });
    await until(() => over, "not added");
    return sent.key;
  };
  expect(await note()).not.toBe(await note());
});

const words = async (): Promise<HTMLElement & { editor: Editor }> =>
  (await field("Side message")) as unknown as HTMLElement & { editor: Editor };
const write = async (html: string): Promise<void> => {
  const { editor } = await words();
  await act(async () => void editor.commands.insertContent(html));
};

test("a side mail that is written while one is on its way stays, and so does one that is left", async () => {
  await screen.show(<SideWriting head={head()} side={side} />);
  await write("First");
  await click("Send");
  const sent = await wasAsked(screen, "POST", "/sides/s1/reply");
  await write("Second");
  await act(async () => sent.answer({ head: head({ seq: 2, sides: [side] }), events: [] }));
  await until(() => toasts.get().shown.length > 0, "not sent");
  expect((await words()).textContent).toBe("Second");
  await screen.gone();
  await screen.show(<SideWriting head={head()} side={side} />);
  expect((await words()).textContent).toBe("Second");
});

test("a side conversation that began opens only where one still waits for it", async () => {
  desk.set({ side: { conversationId: "c2", sideId: null } });
  await screen.show(<SideWriting head={head({ id: "c2" })} side={null} />);
  const to = await until(() => screen.box.querySelector<HTMLInputElement>("input"), "no To");
  await type(to, "dana@shop.example,");
  await act(async () => void to.dispatchEvent(new FocusEvent("focusout", { bubbles: true })));
  await type(await field("Subject"), "Stock");
  await write("Is it there?");
  await click("Send");
  const sent = await wasAsked(screen, "POST", "/sides");
  desk.set({ side: null });
  await screen.gone();
  sent.answer({ head: head({ id: "c2", seq: 2, sides: [side] }), events: [] });
  await until(() => toasts.get().shown.length > 0, "not sent");
  await pause();
  expect(desk.get().side).toBe(null);
  expect(Object.keys(localStorage)).toEqual([]);
});

test("a side mail that is refused after it was left is told, and kept", async () => {
  await screen.show(<SideWriting head={head({ id: "c3" })} side={side} />);
  await write("First");
  await click("Send");
  const sent = await wasAsked(screen, "POST", "/sides/s1/reply");
  await screen.gone();
  sent.answer({ title: "No such mailbox.", status: 422 }, 422);
  await until(() => toasts.get().shown.length > 0, "not told");
  expect(toasts.get().shown[0]?.text).toBe("Your side message wasn’t sent. No such mailbox.");
  await screen.show(<SideWriting head={head({ id: "c3" })} side={side} />);
  expect((await words()).textContent).toBe("First");
});
