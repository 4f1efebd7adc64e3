// @vitest-environment jsdom
/** A letter that is sent by a key while its file is still on its way, or an address is half typed. */
import type { Editor } from "@tiptap/react";
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import { keys } from "@/data/keys";
import NewConversation from "@/features/compose/NewConversation";
import { SideWriting } from "@/features/sides/SideWriting";
import { desk } from "@/lib/desk";
import { unready } from "@/parts/writing/unready";
import { head, side } from "./examples";
import { directory, eachOnAScreen, fieldOf, labelled, press, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const NO_FILE = unready({ uploading: true, wrong: false });
const NO_ADDRESS = unready({ uploading: false, wrong: true });
const KEPT = { id: "f1", name: "slip.pdf", size_bytes: 3, content_type: "application/pdf" };

beforeEach(() => {
  const brand = {
    brand_id: "b1",
    name: "Tea",
    active: true,
    addresses: [{ address: "help@tea.example", name: "" }],
  };
  screen.client.setQueryData(keys.directory, directory({ brands: [brand] }));
  desk.set({ newConversation: true });
});

async function write(label: string): Promise<HTMLElement> {
  const box = await until(() => labelled<HTMLElement & { editor: Editor }>(label), `no ${label}`);
  await act(async () => void box.editor.commands.insertContent("With the slip."));
  return box;
}

async function attach(): Promise<void> {
  const input = await until(() => labelled<HTMLInputElement>("Files to attach"), "no files");
  Object.defineProperty(input, "files", { value: [new File(["pdf"], "slip.pdf")] });
  await act(async () => void input.dispatchEvent(new Event("change", { bubbles: true })));
}

async function typeInto(label: string, words: string): Promise<void> {
  const field = await until(() => fieldOf<HTMLInputElement>(label), `no ${label}`);
  await type(field, words);
  await act(async () => void field.dispatchEvent(new FocusEvent("focusout", { bubbles: true })));
}

const said = (): string[] => [...document.querySelectorAll("[role=alert]")].map((each) => each.textContent);
const letters = (): string[] =>
  screen.asked
    .filter(({ method, path }) => method === "POST" && path.startsWith("/api/tickets"))
    .map((each) => each.body);

const LETTERS = [
  {
    name: "a new conversation",
    box: "Message",
    begin: async () => {
      await screen.show(<NewConversation onStarted={() => undefined} />);
      await typeInto("To", "rosa@mail.example,");
    },
  },
  {
    name: "a side mail",
    box: "Side message",
    begin: () => screen.show(<SideWriting head={head()} side={side} />),
  },
];

test.each(LETTERS)(
  "of $name nothing leaves without its file, and with it all does",
  async ({ box, begin }) => {
    await begin();
    const words = await write(box);
    await attach();
    await press(words, "Enter", { ctrlKey: true });
    expect([said().includes(NO_FILE), letters()]).toEqual([true, []]);
    const file = await wasAsked(screen, "POST", "/attachments");
    await act(async () => file.answer(KEPT));
    await press(words, "Enter", { ctrlKey: true });
    expect(letters().map((each) => JSON.parse(each).attachments)).toEqual([[KEPT]]);
  },
);

test("of a side mail nothing leaves without the copy that was half typed", async () => {
  await screen.show(<SideWriting head={head()} side={side} />);
  const words = await write("Side message");
  await typeInto("Cc", "jonas@shop");
  await press(words, "Enter", { ctrlKey: true });
  expect([said().includes(NO_ADDRESS), letters()]).toEqual([true, []]);
});
