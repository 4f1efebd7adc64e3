// @vitest-environment jsdom
/** One macro beside the list: who writes, who reviews, who only uses it. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import type { Macro, SharedMacro } from "@/api/macros";
import { keys } from "@/data/keys";
import { draftOf } from "@/features/macros/draft";
import { MacroPane } from "@/features/macros/MacroPane";
import { toasts } from "@/ui/toast";
import { standing } from "./examples";
import {
  click,
  directory,
  eachOnAScreen,
  fieldOf,
  labelled,
  me,
  showAt,
  type,
  until,
  wasAsked,
} from "./screen";

const screen = eachOnAScreen();
const shared = (part: Partial<SharedMacro> = {}): SharedMacro & { seq: number } => ({
  ...draftOf(undefined),
  id: "m1",
  name: "Refund",
  html: "<p>Done.</p>",
  version: 1,
  seq: part.version ?? 1,
  saved_at: "2026-03-02T08:00:00Z",
  saved_by: "leo",
  standing: standing({ published: 1 }),
  ...part,
});
const usable = (part: Partial<Macro> = {}): Macro => ({
  ...draftOf(shared()),
  macro_id: "m1",
  seq: 4,
  personal: false,
  created_by: "leo",
  active: true,
  ...part,
});

function known(permissions: string[], one: SharedMacro | null, macro: Macro, approvals = 0): void {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(permissions));
  screen.client.setQueryData(keys.macros, {
    items: [{ macro, mine_to_change: macro.personal }],
    variables: ["contact.name"],
  });
  screen.client.setQueryData(keys.sharedMacros, one ? [one] : []);
  screen.client.setQueryData([...keys.macros, "governance"], { approvals, approver_role_ids: [] });
}

const shown = (at = "/macros/m1") =>
  showAt(
    screen,
    {
      paths: ["/macros/$item", "/macros/$item/$view"],
      content: () => <Pane />,
    },
    at,
  );

/** What was asked to be opened. */
let opened: [string | null, string | undefined][];
let item: string;
function Pane() {
  return <MacroPane item={item} view={null} open={(item, view) => void opened.push([item, view])} />;
}
beforeEach(() => {
  opened = [];
  item = "m1";
  window.scrollTo = () => undefined;
});

/** After a save all is asked for anew: `one` is what is kept now. */
async function keptIs(one: SharedMacro): Promise<void> {
  const answers: Record<string, object> = {
    "/api/tickets/macros": { items: [{ macro: usable(draftOf(one)) }], variables: [] },
    "/api/tickets/shared-macros": { items: [one] },
    "/api/tickets/shared-macros/governance": { approvals: 0, approver_role_ids: [] },
  };
  for (const [path, body] of Object.entries(answers)) {
    const asked = await until(
      () => screen.asked.find((each) => each.method === "GET" && each.path === path),
      `nobody asked ${path}`,
    );
    await act(async () => asked.answer(body));
  }
}

const said = (words: string): Promise<unknown> =>
  until(() => document.body.textContent?.includes(words), `not said: ${words}`);

test("who may publish has it in force at once, and stays at the form", async () => {
  known(["macros.write", "macros.publish"], shared(), usable());
  await shown();
  await type((await until(() => fieldOf("Name"), "no form")) as Element, "Refund it");
  await click("Publish");
  const sent = await wasAsked(screen, "PUT", "/shared-macros/m1?publish=true");
  expect(JSON.parse(sent.body)).toMatchObject({ name: "Refund it", html: "<p>Done.</p>" });
  expect(JSON.parse(sent.body)).not.toHaveProperty("personal");
  const made = shared({ name: "Refund it", version: 2 });
  await act(async () => sent.answer(made));
  await keptIs(made);
  await until(() => toasts.get().shown[0]?.text === "Saved “Refund it”", "not told");
  expect(opened).toEqual([]);
  expect(fieldOf<HTMLInputElement>("Name")?.value).toBe("Refund it");
});

test("where approvals are needed it is saved as a draft, that is said, and leads to its review", async () => {
  known(["macros.write", "macros.publish"], shared(), usable(), 1);
  await shown();
  await said("A new version needs an approval by others");
  await click("Save draft");
  const sent = await wasAsked(screen, "PUT", "/shared-macros/m1");
  expect(sent.path).not.toContain("publish");
  await act(async () => sent.answer(shared({ version: 2 })));
  await keptIs(shared({ version: 2 }));
  await until(() => opened.length > 0, "not opened");
  expect(opened).toEqual([["m1", "versions"]]);
});

test("who may not publish is told so", async () => {
  known(["macros.write"], shared(), usable());
  await shown();
  await said("Your role may not publish macros");
  expect(labelled("New macro")).toBeNull();
  expect([...document.querySelectorAll("button")].map((each) => each.textContent)).not.toContain("Publish");
});

test("what is refused is said at its field, and what was written stays", async () => {
  known(["macros.write", "macros.publish"], shared(), usable());
  await shown();
  await type((await until(() => fieldOf("Name"), "no form")) as Element, " ");
  await click("Publish");
  const sent = await wasAsked(screen, "PUT", "/shared-macros/m1");
  const errors = [
    { path: "body.name", message: "is what people look for, and needed" },
    { path: "body.actions", message: "can close or snooze, but only once" },
  ];
  await act(async () => sent.answer({ title: "No", status: 422, code: "bad_macro", errors }, 422));
  await said("Is what people look for, and needed.");
  await said("Can close or snooze, but only once.");
  expect(fieldOf<HTMLInputElement>("Name")?.value).toBe(" ");
});

test("somebody else was quicker: theirs and ours stand beside each other", async () => {
  known(["macros.write", "macros.publish"], shared(), usable());
  await shown();
  await type((await until(() => fieldOf("Name"), "no form")) as Element, "Mine");
  await click("Publish");
  const sent = await wasAsked(screen, "PUT", "/shared-macros/m1");
  await act(async () => sent.answer({ title: "No", status: 409, code: "stale_version" }, 409));
  const asked = await wasAsked(screen, "GET", "/shared-macros/m1");
  await act(async () => asked.answer(shared({ name: "Theirs", html: "<p>Other.</p>", version: 2 })));
  await said("Somebody else changed this");
  const lines = labelled("From theirs to yours");
  expect([...(lines?.querySelectorAll("del") ?? [])].map((each) => each.textContent)).toEqual([
    "Theirs",
    "Other.",
  ]);
  await click("Show theirs");
  expect(fieldOf<HTMLInputElement>("Name")?.value).toBe("Theirs");
  expect(labelled("Text")?.textContent).toBe("Other.");
});

test("what was meant as a draft goes over theirs as a draft", async () => {
  known(["macros.write", "macros.publish"], shared(), usable());
  await shown();
  await type((await until(() => fieldOf("Name"), "no form")) as Element, "Mine");
  await click("Save draft");
  const sent = await wasAsked(screen, "PUT", "/shared-macros/m1");
  expect(sent.path).not.toContain("publish=true");
  await act(async () => sent.answer({ title: "No", status: 409, code: "stale_version" }, 409));
  const asked = await wasAsked(screen, "GET", "/shared-macros/m1");
  await act(async () => asked.answer(shared({ name: "Theirs", version: 2 })));
  await said("Somebody else changed this");
  await type(fieldOf("Name") as Element, "Mine after all");
  await click("Save mine over it");
  const over = await until(
    () => screen.asked.filter(({ method }) => method === "PUT").at(1) ?? null,
    "nothing was sent",
  );
  expect(over.path).not.toContain("publish=true");
  expect(JSON.parse(over.body)).toMatchObject({ name: "Mine after all" });
});

test("what cannot be read is said, with the way back", async () => {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["macros.write", "macros.approve"]));
  await shown();
  const asked = await wasAsked(screen, "GET", "/shared-macros");
  await act(async () => asked.answer({ title: "Not now", status: 500, code: "internal" }, 500));
  await until(() => document.querySelector("[role=alert]"), "nothing was said");
  await click("All macros");
  expect(opened).toEqual([[null, undefined]]);
});

test("somebody retires it meanwhile: what is written stays", async () => {
  known(["macros.write"], shared(), usable());
  await shown();
  await type((await until(() => fieldOf("Name"), "no form")) as Element, "Mine");
  await act(async () => screen.client.setQueryData(keys.sharedMacros, []));
  expect(fieldOf<HTMLInputElement>("Name")?.value).toBe("Mine");
});

test("one’s own is nobody else’s matter: saved as it is", async () => {
  known([], null, usable({ personal: true, created_by: "maya" }), 2);
  await shown();
  await click("Save");
  const sent = await wasAsked(screen, "PUT", "/macros/m1");
  expect(sent.path).toBe("/api/tickets/macros/m1");
  expect(JSON.parse(sent.body)).toMatchObject({ name: "Refund", seen_seq: 4 });
  expect(document.body.textContent).not.toContain("approval");
});

test("who only writes with it reads it", async () => {
  known([], null, usable());
  await shown();
  await said("You use this macro; a team lead can change it.");
  expect(labelled("Refund")?.textContent).toContain("Done.");
  expect(fieldOf("Name")).toBeNull();
});

test("who may write the latest version alone, but not what is in force, reviews it", async () => {
  const latest = shared({
    brand_ids: ["b"],
    version: 2,
    standing: standing({ state: "draft", published: 1 }),
  });
  known(["macros.write"], latest, usable());
  screen.client.setQueryData(keys.me, me(["macros.write"], { brand_ids: ["b"] }));
  const inForce = {
    ...shared({ brand_ids: ["b", "c"] }),
    standing: standing({ state: "published", published: 1 }),
  };
  screen.client.setQueryData([...keys.macros, "m1", "versions"], [latest, inForce]);
  await shown();
  await said("You use this macro");
  expect(fieldOf("Name")).toBeNull();
  await act(async () =>
    screen.client.setQueryData(
      [...keys.macros, "m1", "versions"],
      [latest, { ...inForce, brand_ids: ["b"] }],
    ),
  );
  await until(() => fieldOf("Name"), "no form");
});

test("who only approves is not told that a draft is none, while it is not known who approves", async () => {
  known([], shared({ version: 1, standing: standing({ state: "in_review", published: null }) }), usable());
  screen.client.setQueryData(keys.macros, { items: [], variables: [] });
  screen.client.removeQueries({ queryKey: [...keys.macros, "governance"] });
  await shown();
  expect(document.querySelector("[role=alert]")).toBeNull();
  const asked = await wasAsked(screen, "GET", "/shared-macros/governance");
  await act(async () => asked.answer({ approvals: 1, approver_role_ids: ["r"] }));
  await wasAsked(screen, "GET", "/shared-macros/m1/versions");
  expect(document.querySelector("[role=alert]")).toBeNull();
});

test("one of one’s own is made once, though the answer was lost", async () => {
  known([], null, usable());
  item = "new";
  await shown();
  await type((await until(() => fieldOf("Name"), "no form")) as Element, "Mine");
  await click("Save");
  const lost = await wasAsked(screen, "PUT", "/macros/mine-");
  await act(async () => lost.answer({ title: "No", status: 500, code: "internal" }, 500));
  await type(fieldOf("Name") as Element, "Mine, mended");
  await click("Save");
  const again = await until(
    () => screen.asked.filter(({ method }) => method === "PUT").at(1),
    "not sent again",
  );
  expect(again.path).toBe(lost.path);
  const existing = usable({ macro_id: "mine", seq: 1, personal: true });
  await act(async () => again.answer({ title: "No", status: 409, code: "changed_meanwhile", existing }, 409));
  const over = await until(
    () => screen.asked.filter(({ method }) => method === "PUT").at(2),
    "not sent over it",
  );
  expect([over.path, JSON.parse(over.body).seen_seq]).toEqual([lost.path, 1]);
});

test("who works for another brand reads it, too", async () => {
  known(["macros.write"], shared(), usable());
  screen.client.setQueryData(keys.me, me(["macros.write"], { brand_ids: ["b"] }));
  await shown();
  await said("You use this macro");
});
