import { expect, test } from "vitest";
import { dayOf } from "@/lib/days";

test.each([
  ["2026-05-03", "2026-05-03"],
  ["2026-5-3", "2026-05-03"],
  ["3 May 2026", "2026-05-03"],
  [" 3. may 2026 ", "2026-05-03"],
  ["May 3, 2026", "2026-05-03"],
  ["Sept 15 1951", "1951-09-15"],
  ["29 Feb 2024", "2024-02-29"],
  ["29 Feb 2026", null],
  ["03.05.2026", "2026-05-03"],
  ["3. 5. 2026", "2026-05-03"],
  ["5.13.2026", null],
  ["3/5/2026", null],
  ["3 Mai 2026", null],
  ["", null],
  ["soon", null],
])("the day %s is %s", (typed, day) => {
  expect(dayOf(typed)).toBe(day);
});
