// @vitest-environment jsdom
/** Enter in the two searches that stand in the address: it opens the first hit for the words that stand there. */
import { beforeEach, expect, test } from "vitest";
import type { SearchItem } from "@/api/search";
import { keys } from "@/data/keys";
import { ContactList } from "@/features/contacts/ContactList";
import { Hits } from "@/features/search/Hits";
import Search from "@/features/search/Search";
import { readContactSearch } from "@/lib/contact-place";
import { readSearch } from "@/lib/place";
import { head } from "./examples";
import {
  directory,
  eachOnAScreen,
  labelled,
  me,
  pause,
  press,
  showAt,
  type,
  until,
  wasAsked,
} from "./screen";

const screen = eachOnAScreen();
beforeEach(() => {
  window.scrollTo = () => undefined;
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me([]));
  screen.client.setQueryData(keys.tags, []);
});

const contact = (id: string) => ({
  id,
  seq: 1,
  name: id,
  emails: [],
  phones: [],
  merged_ids: [],
  brand_ids: [],
});

test("a contact", async () => {
  const list = {
    paths: ["/contacts/$segment", "/contacts/$segment/$contactId"],
    read: readContactSearch,
    content: () => <ContactList />,
  };
  const { place } = await showAt(screen, list, "/contacts/all?q=ro");
  (await wasAsked(screen, "GET", "/contacts?limit=50&q=ro")).answer({
    items: [contact("rolf")],
    more: false,
    next_cursor: null,
  });
  await until(() => document.body.textContent?.includes("1 found"), "not found");
  const field = await until(() => labelled("Find contacts"), "no field");
  await type(field, "rosa");
  await press(field, "Enter");
  await pause();
  expect(place()).toBe("/contacts/all");
  (await wasAsked(screen, "GET", "/contacts?limit=50&q=rosa")).answer({
    items: [contact("rosa")],
    more: false,
    next_cursor: null,
  });
  await until(() => place() === "/contacts/all/rosa", "not opened");
});

test("a conversation", async () => {
  const search = {
    paths: ["/inbox/$inbox", "/inbox/$inbox/$conversationId"],
    read: (asked: Record<string, unknown>) => readSearch(asked),
    content: () => <Search openContact={() => 0} />,
  };
  const item = (id: string) => ({
    head: head({ id }),
    unread: false,
    name_marks: [],
    subject_marks: [],
    about: [],
    hits: [],
  });
  const found = (id: string) => ({ items: [item(id)], next_cursor: null, total: 1 });
  const { place } = await showAt(screen, search, "/inbox/all?find=te");
  (await wasAsked(screen, "GET", "/search?q=te&")).answer(found("c1"));
  await until(() => document.body.textContent?.includes("1 conversation"), "not found");
  const field = await until(() => labelled("Search")?.querySelector("input"), "no field");
  await type(field, "tea");
  await press(field, "Enter");
  await pause();
  expect(place()).toBe("/inbox/all");
  (await wasAsked(screen, "GET", "/search?q=tea&")).answer(found("c2"));
  await until(() => place() === "/inbox/all/c2", "not opened");
});

test("what nobody said in it, but it was found by, is shown and marked", async () => {
  const item = {
    head: head({ id: "c1", preview: "Thanks!" }),
    unread: false,
    name_marks: [],
    subject_marks: [],
    about: [{ kind: "file", text: "invoice.pdf", marks: [[0, 7]] }],
    hits: [],
  } as SearchItem;
  await screen.show(
    <Hits items={[item]} selected={null} open={() => 0} more={null}>
      {null}
    </Hits>,
  );
  expect(document.querySelector("mark")?.textContent).toBe("invoice");
  expect(screen.box.textContent).toContain("File: invoice.pdf");
  expect(screen.box.textContent).not.toContain("Thanks!");
});
