// @vitest-environment jsdom
/** Enter in the two searches that stand in the address: it opens the first hit for the words that stand there. */
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import type { ReactNode } from "react";
import { beforeEach, expect, test } from "vitest";
import { keys } from "@/data/keys";
import { ContactList } from "@/features/contacts/ContactList";
import Search from "@/features/search/Search";
import { readContactSearch } from "@/lib/contact-place";
import { readSearch } from "@/lib/place";
import { head } from "./examples";
import { directory, eachOnAScreen, labelled, me, pause, press, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
beforeEach(() => {
  window.scrollTo = () => undefined;
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me([]));
  screen.client.setQueryData(keys.tags, []);
});

interface Place {
  of: string;
  read: (search: Record<string, unknown>) => object;
  content: () => ReactNode;
}

/** Gives where one is. */
async function show({ of, read, content }: Place, at: string): Promise<() => string> {
  const root = createRootRoute({ component: Outlet });
  const route = (path: string) =>
    createRoute({ getParentRoute: () => root, path, validateSearch: read, component: content });
  const [, part] = of.split("/");
  const routeTree = root.addChildren([
    route(of),
    route(`${of}/$${part === "inbox" ? "conversationId" : "contactId"}`),
  ]);
  const router = createRouter({ routeTree, history: createMemoryHistory({ initialEntries: [at] }) });
  const Provider = RouterProvider as unknown as (props: { router: unknown }) => ReactNode;
  await screen.show(<Provider router={router} />);
  return () => router.state.location.pathname;
}

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
  const list: Place = { of: "/contacts/$segment", read: readContactSearch, content: () => <ContactList /> };
  const place = await show(list, "/contacts/all?q=ro");
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
  const search: Place = {
    of: "/inbox/$inbox",
    read: readSearch,
    content: () => <Search openContact={() => 0} />,
  };
  const item = (id: string) => ({
    head: head({ id }),
    unread: false,
    name_marks: [],
    subject_marks: [],
    hits: [],
  });
  const found = (id: string) => ({ items: [item(id)], next_cursor: null, total: 1 });
  const place = await show(search, "/inbox/all?find=te");
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
