// @vitest-environment jsdom
/** The box of a reply that is on its way: left, refused, sent. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { Editor } from "@tiptap/react";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { goOnWith } from "@/api/client";
import type { Session } from "@/api/people";
import { NO_DRAFT } from "@/data/drafts";
import { keys } from "@/data/keys";
import Outbox from "@/features/composer/Outbox";
import { Writing } from "@/features/composer/Writing";
import { aboutConversation } from "@/lib/draft-place";
import { unsavedAt } from "@/parts/drafts/useKeeper";
import { toasts } from "@/ui/toast";
import { head } from "./examples";

const draft = (rev: number, html: string) => ({
  ...NO_DRAFT,
  rev,
  html,
});
const place = { about: aboutConversation("c1"), box: "reply" };

let answerMacros: () => void;
let answerMacro: () => void;
let answerReply: (status: number, body: object) => void;
let puts: string[];
/** The version of the draft that the server has. */
let kept: number;
let heldUp: Promise<void>;
let client: QueryClient;
let root: Root;
let box: HTMLElement;

async function answered(path: string, init?: RequestInit): Promise<Response> {
  const { pathname } = new URL(path, "http://desk.example");
  const say = (status: number, body: object): Response => new Response(JSON.stringify(body), { status });
  if (pathname.endsWith("/reply"))
    return new Promise((resolve) => {
      answerReply = (status, body) => resolve(say(status, body));
    });
  if (pathname.endsWith("/drafts") && init?.method === "PUT") {
    const { rev, html } = JSON.parse(String(init.body));
    puts.push(html);
    await heldUp;
    if (rev !== kept) return say(409, { title: "Changed", code: "draft_changed", existing: draft(kept, "") });
    kept += 1;
    return say(200, draft(kept, html));
  }
  const macro = { macro_id: "m1", name: "Refund", personal: true, brand_ids: [], actions: [] };
  if (pathname.endsWith("/macros"))
    return new Promise((resolve) => {
      answerMacros = () => resolve(say(200, { items: [{ macro }] }));
    });
  if (pathname.endsWith("/macros/m1"))
    return new Promise((resolve) => {
      answerMacro = () => resolve(say(200, { html: "<p>Refunded.</p>", actions: [] }));
    });
  if (pathname.endsWith("/undo")) {
    puts.push("taken back");
    return say(200, { conversation_id: "c1", draft: draft(kept + 1, "<p>Hello Rosa</p>") });
  }
  if (pathname.endsWith("/drafts")) return say(200, { items: { reply: draft(9, "") } });
  return say(404, { title: "Not found", status: 404 });
}

beforeEach(async () => {
  puts = [];
  kept = 1;
  heldUp = Promise.resolve();
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("fetch", answered);
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  class Nothing {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  }
  vi.stubGlobal("ResizeObserver", Nothing);
  localStorage.clear();
  toasts.set({ shown: [] });
  client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  client.setQueryData(keys.outbox, []);
  goOnWith({ access_token: "t", expires_in_s: 600, agent: { agent_id: "maya" } } as unknown as Session);
  box = document.body.appendChild(document.createElement("div"));
  await open();
  await until(() => textbox()?.textContent === "Hello Rosa", "no box");
});

/** The box of this conversation, with the draft that was known of it when the page began. */
async function open(): Promise<void> {
  root = createRoot(box);
  const first = draft(1, "<p>Hello Rosa</p>");
  const start = { draft: first, unsaved: unsavedAt(place) };
  await act(async () =>
    root.render(
      <MantineProvider>
        <QueryClientProvider client={client}>
          <Writing head={head()} mode="reply" place={place} start={start} latest={first} />
          <Outbox open={() => undefined} />
        </QueryClientProvider>
      </MantineProvider>,
    ),
  );
}
afterEach(async () => {
  await act(async () => root.unmount());
  box.remove();
  vi.unstubAllGlobals();
});

const textbox = (): HTMLElement | null => box.querySelector("[role=textbox][aria-label=Reply]");

async function until(check: () => unknown, what: string): Promise<void> {
  const end = Date.now() + 10_000;
  while (!check()) {
    if (Date.now() > end) throw new Error(`${what}: ${box.textContent}`);
    await act(() => new Promise((resolve) => setTimeout(resolve, 10)));
  }
}

async function send(): Promise<void> {
  answerReply = () => undefined;
  const waiting = answerReply;
  await act(async () => {
    textbox()?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, bubbles: true }));
  });
  await until(() => answerReply !== waiting, "not sent");
}

const refusal = { title: "Rosa can’t be written to.", status: 422, code: "no" };

test("a reply that is refused after its box was left is the draft, and that is said", async () => {
  await send();
  await act(async () => root.unmount());
  answerReply(422, refusal);
  await until(() => puts.length > 0, "not kept");
  expect(puts).toEqual(["<p>Hello Rosa</p>"]);
  expect(toasts.get().shown.map(({ text }) => text)).toEqual([
    "Your reply to Rosa wasn’t sent. Rosa can’t be written to.",
  ]);
});

test("refused while one looks at it, it stays in the box, with the reason below", async () => {
  await send();
  answerReply(422, refusal);
  await until(() => box.querySelector("[role=alert]"), "no reason");
  expect(textbox()?.textContent).toBe("Hello Rosa");
  expect(toasts.get().shown).toEqual([]);
});

/** Into the box, as far as this screen without a keyboard can. */
const write = (html: string): Promise<void> =>
  act(async () => {
    const { editor } = textbox() as unknown as { editor: Editor };
    editor.commands.insertContent(html);
  });

test("what is written while a reply is on its way stays, and alone is the next draft", async () => {
  await send();
  await write("And one more");
  answerReply(200, { head: head({ seq: 2 }), events: [] });
  await until(() => textbox()?.textContent === "And one more", "the text is gone, or what was sent is not");
  await until(() => puts.length > 0, "not kept");
  expect(puts).toEqual(["<p>And one more</p>"]);
});

test("refused, what was written meanwhile stands behind it, and both are the draft", async () => {
  await send();
  await write("And one more");
  answerReply(422, refusal);
  await until(() => puts.length > 0, "not kept");
  expect(puts).toEqual(["<p>Hello Rosa</p><p>And one more</p>"]);
  expect(textbox()?.textContent).toBe("Hello RosaAnd one more");
});

test("sent, the box is empty, and nothing of it is kept as a draft", async () => {
  await send();
  answerReply(200, { head: head({ seq: 2 }), events: [] });
  await until(() => textbox()?.textContent === "", "not emptied");
  await act(() => new Promise((resolve) => setTimeout(resolve, 900)));
  expect(puts).toEqual([]);
  expect(Object.keys(localStorage)).toEqual([]);
});

const press = (key: string, part: KeyboardEventInit = {}): Promise<void> =>
  act(async () => {
    textbox()?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...part }));
  });
const offered = (): number => document.querySelectorAll("[role=listbox] [role=option]").length;

test("a macro that is on its way is waited for, and Enter is for it while macros are asked for", async () => {
  await act(async () => {
    const { editor } = textbox() as unknown as { editor: Editor };
    editor.commands.setContent("<p>/ref</p>");
    editor.commands.focus("end");
  });
  await press("Enter");
  expect(textbox()?.textContent).toBe("/ref");
  expect(textbox()?.querySelectorAll("p").length).toBe(1);
  await act(async () => answerMacros());
  await until(offered, "nothing offered");
  await press("Enter");
  await press("Enter", { ctrlKey: true });
  const button = [...box.querySelectorAll("button")].find((each) => each.textContent === "Send");
  expect([textbox()?.textContent, button?.disabled]).toEqual(["", true]);
  await act(async () => answerMacro());
  await until(() => textbox()?.textContent === "Refunded.", "no macro");
  await send();
  answerReply(200, { head: head({ seq: 2 }), events: [] });
  await until(() => textbox()?.textContent === "", "not emptied");
});

test("what was typed since is kept before what was sent is taken back", async () => {
  // The cursor is put into the box again, and where that is can't be measured here.
  const nowhere = { getClientRects: () => [], getBoundingClientRect: () => new DOMRect() };
  Object.assign(Range.prototype, nowhere);
  await write("And one more");
  const held = { id: "h1", conversation_id: "c1", contact_name: "Rosa", left_s: 5, problem: "" };
  await act(async () => client.setQueryData(keys.outbox, [held]));
  await until(() => toasts.get().shown.length > 0, "no Undo");
  await act(async () => toasts.get().shown[0]?.action?.run());
  await until(() => puts.includes("taken back"), "not taken back");
  expect(puts.length).toBe(2);
  expect(puts.at(-1)).toBe("taken back");
});

test("a box that is left and opened again at once is not told that somebody else wrote", async () => {
  let goOn: () => void = () => undefined;
  heldUp = new Promise((resolve) => {
    goOn = resolve;
  });
  await write("Bye");
  await act(async () => root.unmount());
  await until(() => puts.length === 1, "not kept");
  await open();
  await until(() => textbox()?.textContent?.includes("Bye"), "lost");
  await act(() => new Promise((resolve) => setTimeout(resolve, 900)));
  await act(async () => goOn());
  await until(() => kept > 2, "not kept again");
  expect(box.querySelector("[role=alert]")).toBe(null);
  expect(Object.keys(localStorage)).toEqual([]);
});
