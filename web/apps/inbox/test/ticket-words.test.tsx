// @vitest-environment jsdom
/** Tickets whose words are long, or written from right to left. */
import { beforeEach, expect, test } from "vitest";
import { NO_DRAFT } from "@/data/drafts";
import { keys } from "@/data/keys";
import { TicketRow } from "@/features/tickets/TicketRow";
import { UpdateFields } from "@/features/tickets/UpdateFields";
import { letterOf } from "@/parts/drafts/letters";
import type { FormDraft } from "@/parts/drafts/useDraft";
import { ticket } from "./examples";
import { directory, eachOnAScreen, fieldOf, me } from "./screen";

const screen = eachOnAScreen();
const refund = {
  type_id: "refund",
  name: "החזר כספי",
  color: "#b45309",
  kind: "back_office",
  fields: [],
  active: true,
};
beforeEach(() => {
  screen.client.setQueryData(keys.directory, directory({ ticket_types: [refund] }));
  screen.client.setQueryData(keys.me, me(["tickets.write"]));
});

test("a title in the list begins where it is read from, and is read whole however little of it has room", async () => {
  const title = `החזר עבור הזמנה #100284 ${"x".repeat(280)}`;
  await screen.show(<TicketRow ticket={ticket({ title })} selected={false} open={() => undefined} />);
  const shown = document.querySelector<HTMLElement>("[title][dir=auto]");
  expect([shown?.textContent, shown?.title]).toEqual([title, title]);
  // Else the number of the ticket would stand on the other side of the type's name.
  expect(document.querySelector("bdi")?.textContent).toBe(refund.name);
});

test("an update is written in the direction of its words", async () => {
  const draft = { letter: letterOf(NO_DRAFT), change: () => undefined, enter: () => undefined };
  await screen.show(
    <UpdateFields
      ticket={ticket({ kind: "tracker" })}
      draft={draft satisfies Partial<FormDraft>}
      disabled={false}
    />,
  );
  // global.css has the field take it from there.
  expect(fieldOf("Update")?.closest(".mantine-Input-wrapper")?.getAttribute("dir")).toBe("auto");
});
