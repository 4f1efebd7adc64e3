import { describe, expect, test } from "vitest";
import {
  agoInWords,
  dateWords,
  dayLabel,
  durationLabel,
  fullTime,
  fullTimes,
  shortAgo,
  untilLabel,
} from "@/lib/time";

const now = new Date(2026, 2, 11, 14, 30);
const before = (ms: number): string => new Date(now.getTime() - ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("shortAgo", () => {
  test.each([
    [before(20_000), "now"],
    [before(4 * MINUTE), "4m"],
    [before(3 * HOUR + MINUTE), "3h"],
    [new Date(2026, 2, 9, 8).toISOString(), "Mon"],
  ])("%s is %s", (at, words) => expect(shortAgo(at, now)).toBe(words));

  test("an older time shows its day, another year shows the year", () => {
    expect(shortAgo(new Date(2026, 0, 5).toISOString(), now)).not.toContain("2026");
    expect(shortAgo(new Date(2024, 0, 5).toISOString(), now)).toContain("2024");
  });
});

test.each([
  [48, "48 s"],
  [125, "2 min 5 s"],
  [120, "2 min"],
  [3780, "1 h 3 min"],
  [7200, "2 h"],
])("a call of %i seconds took %s", (seconds, words) => expect(durationLabel(seconds)).toBe(words));

test.each([
  [5_000, "5 seconds ago"],
  [1_000, "1 second ago"],
  [3 * MINUTE, "3 minutes ago"],
  [25 * HOUR, "1 day ago"],
])("%i ms before now is %s", (age, words) => expect(agoInWords(before(age), now)).toBe(words));

test("days near today are called by name", () => {
  expect(dayLabel(now.toISOString(), now)).toBe("Today");
  expect(dayLabel(new Date(2026, 2, 10, 23, 59).toISOString(), now)).toBe("Yesterday");
});

test("a snooze within the week names the weekday", () => {
  expect(untilLabel(new Date(2026, 2, 12, 9).toISOString(), now)).toMatch(/^tomorrow /);
  expect(untilLabel(new Date(2026, 2, 16, 9).toISOString(), now)).toMatch(/^Monday /);
});

test("a day is written out, whatever the zone; what is none stays", () => {
  expect(dateWords("1951-09-15")).toMatch(/15/);
  expect(dateWords("1951-09-15")).not.toContain("1951-09");
  expect(dateWords("soon")).toBe("soon");
});

test("a time says the customer’s as well where it differs", () => {
  const at = "2026-03-11T12:00:00Z";
  const there = fullTimes(at, "Pacific/Kiritimati");
  expect(there.split("\n")[0]).toBe(fullTime(at));
  expect(there).toMatch(/12 .*2:00.* for the customer$|12,.*2:00.* for the customer$/);
  expect(fullTimes(at, "")).toBe(fullTime(at));
  expect(fullTimes(at, "Mars/Base")).toBe(fullTime(at));
  expect(fullTimes(at, Intl.DateTimeFormat().resolvedOptions().timeZone)).toBe(fullTime(at));
});
