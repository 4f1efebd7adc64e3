// @vitest-environment jsdom
/** What happened to a ticket: the reader stays where they are, and is told what could not be asked for. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import type { TicketEntry } from "@/api/tickets";
import { keys } from "@/data/keys";
import { TicketTalk } from "@/features/tickets/TicketTalk";
import { maya, ticket } from "./examples";
import { click, directory, eachOnAScreen, me, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const comment = (seq: number, text: string, by = { ...maya, id: "jonas", name: "Jonas" }): TicketEntry =>
  ({
    id: `e${seq}`,
    seq,
    type: "TicketCommented",
    at: "2026-03-02T09:00:00Z",
    by,
    data: { text },
  }) as TicketEntry;
const shown = (items: TicketEntry[]): Promise<void> =>
  act(async () => void screen.client.setQueryData(keys.ticketTimeline("t1"), { items }));
const news = (): Element | undefined =>
  [...document.querySelectorAll("button")].find((each) => each.textContent === "New comment");

beforeEach(() => {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me([]));
});

/** Where there is no layout: so high is what happened, and so far one has read. */
function reading(top: number): HTMLElement {
  const scroller = screen.box.querySelector<HTMLElement>("[aria-label=Timeline]") as HTMLElement;
  Object.defineProperties(scroller, {
    scrollHeight: { value: 2000 },
    clientHeight: { value: 500 },
    scrollTop: { value: top, writable: true },
  });
  return scroller;
}

test("who reads above stays there and is told of a comment; one’s own leads to the end", async () => {
  await shown([comment(1, "First")]);
  await screen.show(<TicketTalk ticket={ticket()} />);
  const scroller = reading(100);
  await act(async () => void scroller.dispatchEvent(new Event("scroll")));
  await shown([comment(1, "First"), comment(2, "Second")]);
  expect(scroller.scrollTop).toBe(100);
  await until(news, "not told");
  await shown([comment(1, "First"), comment(2, "Second"), comment(3, "Mine", maya)]);
  await until(() => !news(), "still told");
  expect(scroller.scrollTop).toBe(2000);
});

test("what can’t be asked for is told, and asked for again", async () => {
  await screen.show(<TicketTalk ticket={ticket()} />);
  const answer = { title: "The service has a moment of rest.", status: 403 };
  (await wasAsked(screen, "GET", "/timeline")).answer(answer, 403);
  await until(() => screen.box.querySelector("[role=alert]"), "not told");
  await click("Try again");
  await until(
    () => screen.asked.filter(({ path }) => path.endsWith("/timeline")).length === 2,
    "not asked again",
  );
  (await wasAsked(screen, "GET", "/timeline")).answer({ items: [comment(1, "First")] });
  await until(() => screen.box.textContent?.includes("First"), "not shown");
});
