// @vitest-environment jsdom
/** Tickets of one state within a view, and the keys while a closed select is in the page. */
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keys } from "@/data/keys";
import { TicketList } from "@/features/tickets/TicketList";
import { useKeys } from "@/lib/keys";
import { readTicketSearch } from "@/lib/ticket-place";
import { click, directory, eachOnAScreen, labelled, me, press, showAt, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
beforeEach(() => {
  window.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["tickets.read"]));
});
afterEach(() => {
  Reflect.deleteProperty(Element.prototype, "checkVisibility");
});

const at = (address: string) =>
  showAt(
    screen,
    {
      paths: ["/tickets/$view", "/tickets/$view/$ticketId"],
      read: (search) => readTicketSearch(search),
      content: () => <TicketList />,
    },
    address,
  );

test("the tickets of a view are narrowed to a state, with how many are in each", async () => {
  await at("/tickets/type:refund");
  expect((await wasAsked(screen, "GET", "/tickets/tickets?")).path).not.toContain("state=");
  await click("State: Not resolved");
  const counts = await wasAsked(screen, "GET", "/tickets/counts");
  expect(counts.path).toContain("type_id=refund");
  await act(async () => counts.answer({ counts: { all: 3, "state:in_progress": 2 } }));
  await until(() => document.body.textContent?.includes("In progress2"), "not counted");
  await act(async () =>
    [...document.querySelectorAll<HTMLElement>("[role^=menuitem]")]
      .find((each) => each.textContent?.startsWith("In progress"))
      ?.click(),
  );
  const list = await wasAsked(screen, "GET", "state=in_progress");
  expect(list.path).toContain("type_id=refund");
  await act(async () => list.answer({ items: [], next_cursor: null }));
  await until(() => document.body.textContent?.includes("None of these is in progress"), "not said");
  await click("Show all that are not resolved");
  await until(() => labelled("State: Not resolved"), "still narrowed");
});

test("a view that is of one state offers no other", async () => {
  await at("/tickets/state:submitted");
  await wasAsked(screen, "GET", "state=submitted");
  expect(document.querySelector("[aria-label^='State:']")).toBeNull();
});

test("the list of a closed select, which stays in the page, silences no key", async () => {
  let open = false;
  Element.prototype.checkVisibility = () => open;
  const done = vi.fn();
  const Keys = (): null => {
    useKeys({ e: done });
    return null;
  };
  await screen.show(
    <>
      <Keys />
      <div role="listbox" />
    </>,
  );
  await press(document.body, "e");
  expect(done).toHaveBeenCalledTimes(1);
  open = true;
  await press(document.body, "e");
  expect(done).toHaveBeenCalledTimes(1);
});
