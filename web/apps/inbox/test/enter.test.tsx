// @vitest-environment jsdom
/** Enter in a field that finds things, pressed before they are there. */
import { act, type ReactNode } from "react";
import { expect, test } from "vitest";
import { TagsField } from "@/features/details/TagsField";
import { FindTracker } from "@/features/links/FindTracker";
import { desk } from "@/lib/desk";
import { useEnter } from "@/lib/useEnter";
import { head } from "./examples";
import { type Asked, eachOnAScreen, labelled, press, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const tracker = (id: string) => ({ id, number: 1, title: id, report_count: 0 });
const links = (): Asked[] => screen.asked.filter((each) => each.method === "POST");

test("a tracker is linked that was found for the words in the field, not for those before", async () => {
  await screen.show(<FindTracker head={head()} done={() => undefined} />);
  (await wasAsked(screen, "GET", "find?text=")).answer([tracker("older")]);
  await until(() => screen.box.textContent?.includes("older"), "not shown");
  const field = await until(() => labelled("Find a tracker"), "no field");

  await type(field, "login");
  await press(field, "Enter");
  // At once, and not when the typing rests.
  const found = screen.asked.find((each) => each.path.endsWith("find?text=login"));
  expect([found !== undefined, links()]).toEqual([true, []]);
  found?.answer([tracker("newer"), tracker("third")]);
  const linked = await wasAsked(screen, "POST", "conversations/c1/links");
  expect(linked.body).toBe('{"ticket_id":"newer"}');
  expect(links().length).toBe(1);
});

test("an Enter that waits is forgotten when the words change, or when the field is left", async () => {
  const took: string[] = [];
  let enter: ReturnType<typeof useEnter> | undefined;
  function Probe({ words, found }: { words: string; found: boolean }): ReactNode {
    enter = useEnter(words, found, () => took.push(words));
    return null;
  }
  const show = (words: string, found: boolean): Promise<void> =>
    screen.show(<Probe words={words} found={found} />);
  const now = (what: "press" | "forget"): Promise<void> => act(async () => enter?.[what]());
  await show("a", false);
  await now("press");
  await show("ab", false);
  await show("a", false);
  await show("a", true);
  expect(took).toEqual([]);

  await show("b", false);
  await now("press");
  await now("forget");
  await show("b", true);
  expect(took).toEqual([]);

  await now("press");
  expect(took).toEqual(["b"]);
  await show("c", false);
  await now("press");
  await show("c", true);
  await show("c", false);
  await show("c", true);
  expect(took).toEqual(["b", "c"]);
});

test("letters and Enter take the tag that is known by them, also when the known ones come late", async () => {
  const added: string[][] = [];
  desk.set({ picker: "tags" });
  await screen.show(<TagsField head={head()} mayEdit change={(...change) => added.push(...change)} />);
  const field = await until(() => labelled("Tag"), "no field");
  await type(field, "ref");
  await press(field, "Enter");
  expect(added).toEqual([]);
  await act(async () => (await wasAsked(screen, "GET", "/tags")).answer([{ tag: "refund", count: 3 }]));
  await until(() => added.length > 0, "not added");
  expect(added).toEqual([["refund"], []]);
  await act(async () => desk.set({ picker: null }));
});
