// @vitest-environment jsdom
/** Answers that come when one has gone on elsewhere. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import { keys } from "@/data/keys";
import NewConversation from "@/features/compose/NewConversation";
import ViewForm from "@/features/list/ViewForm";
import { desk } from "@/lib/desk";
import {
  directory,
  eachOnAScreen,
  fieldOf,
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
const brand = { brand_id: "b", name: "Tea", addresses: [{ address: "hi@tea.example" }], active: true };
beforeEach(() => {
  window.scrollTo = () => undefined;
  screen.client.setQueryData(keys.directory, directory({ brands: [brand] }));
  screen.client.setQueryData(keys.me, me(["conversations.reply"]));
});

let close = (): void => undefined;
const filter = { inbox: "all", status: "open", sort: "newest" } as const;

const inbox = () =>
  showAt(
    screen,
    { paths: ["/inbox/$inbox"], content: () => <ViewForm filter={filter} close={() => close()} /> },
    "/inbox/all",
  );

const saveView = async (): Promise<void> => {
  await type(await until(() => fieldOf("Name"), "no field"), "Refunds");
  await act(async () => screen.box.querySelector("form")?.requestSubmit());
};
const answerView = async (): Promise<void> => {
  (await wasAsked(screen, "POST", "/views")).answer({ id: "v", name: "Refunds" });
  await pause();
};

test("a view that was saved is opened, unless one went on or closed its form meanwhile", async () => {
  let closed = 0;
  close = () => {
    closed += 1;
  };
  let shown = await inbox();
  await saveView();
  await answerView();
  await until(() => shown.place() === "/inbox/view:v", "not opened");
  expect(closed).toBe(1);
  await screen.gone();

  shown = await inbox();
  await saveView();
  await shown.go("/inbox/mine");
  await answerView();
  expect(shown.place()).toBe("/inbox/mine");
  await screen.gone();

  shown = await inbox();
  await saveView();
  await screen.gone();
  await answerView();
  expect([shown.place(), closed]).toEqual(["/inbox/all", 2]);
});

test("a letter that is on its way can’t be closed away, and one that is closed away is kept", async () => {
  let started = 0;
  const show = (): Promise<void> =>
    screen.show(
      <NewConversation
        onStarted={() => {
          started += 1;
        }}
      />,
    );
  desk.set({ newConversation: true });
  await show();
  const subject = (): HTMLInputElement | null => labelled<HTMLInputElement>("Subject");
  await type(await until(subject, "no subject"), "Tea");
  const leave = async (): Promise<void> => {
    await press(document.body.querySelector("[role=dialog]") ?? document.body, "Escape");
    await pause();
  };
  await leave();
  expect(desk.get().newConversation).toBe(false);
  await until(() => !subject(), "still open");
  await act(async () => desk.set({ newConversation: true }));
  expect((await until(subject, "not open again")).value).toBe("Tea");

  const to = await until(() => fieldOf("To"), "no To");
  await type(to, "rosa@mail.example");
  await press(to, "Enter");
  const words = await until(() => labelled("Message"), "no message");
  const { editor } = words as unknown as { editor: { commands: { insertContent: (html: string) => void } } };
  await act(async () => editor.commands.insertContent("Hello"));
  await press(words, "Enter", { ctrlKey: true });
  const sent = await wasAsked(screen, "POST", "/conversations");
  await leave();
  expect(desk.get().newConversation).toBe(true);
  sent.answer({ title: "No such mailbox.", status: 422 }, 422);
  await until(() => document.body.textContent?.includes("No such mailbox."), "not told");
  expect([subject()?.value, started]).toEqual(["Tea", 0]);
  await act(async () => desk.set({ newConversation: false }));
});
