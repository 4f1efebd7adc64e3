// @vitest-environment jsdom
/** What is to be known of a field that a condition asks about stands at it. */
import { expect, test } from "vitest";
import type { Asking, FieldInfo } from "@/api/conditions";
import { treeOf } from "@/lib/rules/tree";
import { Conditions } from "@/parts/conditions/Conditions";
import { eachOnAScreen } from "./screen";

const screen = eachOnAScreen();
const field = (name: string, of_ticket: boolean): FieldInfo => ({
  name,
  label: name,
  type: "text",
  choices: [],
  changes: false,
  of_ticket,
  refers: null,
});
const ASKING: Asking = {
  fields: [field("ticket.title", false), field("ticket.last_comment", true)],
  operators: { text: [{ name: "is_set", label: "is set", takes: "none" }] },
};

test("at the field that it is of, and at no other", async () => {
  const tree = treeOf({ all: ASKING.fields.map(({ name }) => ({ field: name, operator: "is_set" })) });
  await screen.show(
    <Conditions
      tree={tree}
      asking={ASKING}
      brandIds={[]}
      wrong={() => null}
      note={(asked) => (asked.of_ticket ? "Not known of trackers." : null)}
      change={() => undefined}
      always=""
    />,
  );
  const rows = [...screen.box.querySelectorAll("fieldset[aria-label^='Condition ']")];
  expect(rows.map((row) => row.textContent?.includes("Not known of trackers."))).toEqual([false, true]);
});
