// @vitest-environment jsdom
/** What is taken back, and what of it is refused. */
import { act } from "react";
import { beforeEach, expect, test } from "vitest";
import type { Link } from "@/api/tickets";
import { keys } from "@/data/keys";
import { Links } from "@/features/links/Links";
import { toasts } from "@/ui/toast";
import { head } from "./examples";
import { click, directory, eachOnAScreen, me, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const page = {
  kind: "url",
  id: "l1",
  title: "Help",
  url: "https://x.example",
  type_id: "",
  number: 0,
  seq: 0,
};
const said = (): (string | undefined)[] => toasts.get().shown.map(({ text }) => text);
beforeEach(() => {
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["conversations.edit"]));
});

test("a link that is taken off twice is taken off once, and an undo that is refused is told", async () => {
  const links = [page as Link];
  await screen.show(<Links head={head({ links })} openTicket={() => 0} openConversation={() => 0} />);
  await click("Unlink Help");
  await click("Unlink Help");
  expect(screen.asked.filter(({ method }) => method === "DELETE").length).toBe(1);
  (await wasAsked(screen, "DELETE", "/links/l1")).answer({ head: head({ seq: 2 }), events: [] });
  await until(() => said().includes("Unlinked"), "not said");
  await act(async () => toasts.get().shown[0]?.action?.run());
  (await wasAsked(screen, "POST", "/links")).answer({ title: "It was merged away.", status: 422 }, 422);
  await until(() => said().includes("Not undone. It was merged away."), "not told");
});
