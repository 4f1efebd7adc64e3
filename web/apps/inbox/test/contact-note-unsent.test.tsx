// @vitest-environment jsdom
/** A note about somebody without a line: it waits beside its box, is sent once, and is never lost. */
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keys } from "@/data/keys";
import { drain } from "@/data/queue";
import { refreshQueue } from "@/data/undecided";
import { Activity } from "@/features/contacts/Activity";
import { listed } from "@/lib/waiting";
import { unsavedAt } from "@/parts/drafts/useKeeper";
import { contact } from "./examples";
import { click, directory, eachOnAScreen, labelled, me, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const place = { about: "contacts/p1", box: "note" } as const;
let hasLine: boolean;
beforeEach(() => {
  hasLine = true;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => hasLine);
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["contacts.write"]));
  refreshQueue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const shown = (part = {}): Promise<void> =>
  screen.show(<Activity contact={contact({ id: "p1", ...part })} />);
const box = (): Promise<HTMLTextAreaElement> =>
  until(() => labelled<HTMLTextAreaElement>("Note about this person"), "no note box");
const unsent = (): Element | null => document.querySelector("ul[aria-label='Not sent yet']");
const posts = () => screen.asked.filter(({ method }) => method === "POST");

async function noted(words: string): Promise<void> {
  const field = await box();
  hasLine = false;
  await type(field, words);
  await click("Add note");
  await until(() => unsent()?.textContent?.includes(words) && field.value === "", "not shown as waiting");
}

/** The line is back, and this becomes of the one that waits. */
async function answered(body: object, status = 200): Promise<void> {
  hasLine = true;
  let drained: Promise<void> | undefined;
  await act(async () => {
    drained = drain(screen.client);
  });
  const sent = await wasAsked(screen, "POST", "/contacts/p1/notes");
  await act(async () => {
    sent.answer(body, status);
    await drained;
  });
}

test("it waits, and is sent once under its key by the page that opens next", async () => {
  await shown();
  await noted("Likes tea.");
  expect([posts(), unsavedAt(place)]).toEqual([[], null]);
  const [entry] = listed("");
  await screen.gone();
  await shown();
  expect([(await box()).value, unsent()?.textContent?.includes("Your note waits")]).toEqual(["", true]);
  await answered({ contact: contact({ id: "p1", seq: 9 }), merged: [] });
  expect(posts().map(({ path, key, body }) => [path, key, body])).toEqual([
    ["/api/tickets/contacts/p1/notes", entry?.key, '{"text":"Likes tea."}'],
  ]);
  await until(() => !unsent(), "still waiting");
  expect(listed("")).toEqual([]);
});

test("one that is refused stays with the reason, and goes back before what was written since", async () => {
  await shown();
  await noted("First.");
  await type(await box(), "Second.");
  await answered({ title: "Too long.", code: "too_long", status: 422 }, 422);
  await until(() => unsent()?.textContent?.includes("Your note wasn’t added. Too long."), "not told");
  await click("Edit it");
  expect((await box()).value).toBe("First.\nSecond.");
  expect([unsent(), listed("")]).toEqual([null, []]);
});

test("who may not write any more still reads what that took from them, and throws it away", async () => {
  await shown();
  await noted("First.");
  await act(async () => void screen.client.setQueryData(keys.me, me([])));
  await answered({ title: "Not yours to do.", code: "forbidden", status: 403 }, 403);
  await until(() => unsent()?.textContent?.includes("Not yours to do."), "not told");
  expect(unsent()?.textContent).toContain("First.");
  expect(unsent()?.textContent).not.toContain("Edit it");
  expect(labelled("Note about this person")).toBe(null);
  await click("Throw it away");
  expect([unsent(), listed("")]).toEqual([null, []]);
});

test("what was written about one that is part of another by now is beside that one", async () => {
  await shown();
  await noted("Likes tea.");
  await screen.gone();
  await screen.show(<Activity contact={contact({ id: "p0", merged_ids: ["p1"] })} />);
  await until(() => unsent()?.textContent?.includes("Likes tea."), "not shown");
  await click("Take it back");
  expect((await box()).value).toBe("Likes tea.");
  expect(listed("")).toEqual([]);
});
