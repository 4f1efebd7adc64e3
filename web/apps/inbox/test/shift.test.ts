import { expect, test } from "vitest";
import type { ConversationRow } from "@/api/types";
import { shiftOf } from "@/features/list/shift";
import { head } from "./examples";

const row = (id: string): ConversationRow => ({ head: head({ id }), unread: false });
const [a, b, c, d, x] = ["a", "b", "c", "d", "x"].map(row) as [
  ConversationRow,
  ConversationRow,
  ConversationRow,
  ConversationRow,
  ConversationRow,
];
const was = [a, b, c, d];
const again = (rows: ConversationRow[]): ConversationRow[] => rows.map(({ head }) => row(head.id));

test.each([
  { what: "one comes in above", now: [x, a, b, c, d], shift: 1 },
  { what: "two go above", now: [c, d], shift: -2 },
  { what: "one comes in below", now: [a, b, c, d, x], shift: 0 },
  { what: "one of below goes to the top", now: [row("d"), a, b, c], shift: 1 },
  { what: "the first in sight goes to the top: the next one stays", now: [row("c"), a, b, d], shift: 0 },
  { what: "the first in sight goes: the next one comes up", now: [a, b, d], shift: -1 },
  { what: "all are answered anew, with one more", now: again([x, a, b, c, d]), shift: 1 },
  { what: "it is another list", now: [x], shift: 0 },
])("$what", ({ now, shift }) => expect(shiftOf(was, now, 2, 2)).toBe(shift));
