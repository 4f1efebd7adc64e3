import { describe, expect, test } from "vitest";
import { snoozePresets, snoozeTitle } from "@/lib/snooze";
import { momentOf, wallOf } from "@/lib/zones";

describe("snoozePresets", () => {
  test("all lie ahead and come in order", () => {
    for (let day = 1; day <= 7; day++) {
      for (const hour of [0, 7, 13, 18, 23]) {
        const at = new Date(2026, 2, day, hour, 15);
        const times = snoozePresets(at).map((preset) => preset.until.getTime());
        expect(times.every((time) => time > at.getTime())).toBe(true);
        expect([...times].sort((a, b) => a - b)).toEqual(times);
      }
    }
  });

  test("late in the evening there is no later today", () => {
    expect(snoozePresets(new Date(2026, 2, 11, 22)).map((preset) => preset.label)).not.toContain(
      "Later today",
    );
  });

  test.each([
    // Monday evening there is Tuesday morning in Manila: "tomorrow" is the brand's Tuesday.
    ["America/Los_Angeles", "2026-03-17T02:00:00Z", "Tomorrow", "2026-03-17T16:00:00.000Z"],
    ["Asia/Manila", "2026-03-17T02:00:00Z", "Tomorrow", "2026-03-18T01:00:00.000Z"],
    // The clocks go forward in the night before.
    ["Europe/Berlin", "2026-03-28T12:00:00Z", "Tomorrow", "2026-03-29T07:00:00.000Z"],
    ["America/Sao_Paulo", "2026-12-31T20:00:00Z", "Tomorrow", "2027-01-01T12:00:00.000Z"],
    ["Asia/Kathmandu", "2026-03-17T02:00:00Z", "Tomorrow", "2026-03-18T03:15:00.000Z"],
    ["Asia/Tokyo", "2026-03-15T20:00:00Z", "Next week", "2026-03-23T00:00:00.000Z"],
  ])("in %s at %s, %s is %s", (zone, now, label, until) => {
    const found = snoozePresets(new Date(now), zone).find((preset) => preset.label === label);
    expect(found?.until.toISOString()).toBe(until);
  });
});

test("whose nine it is, is said where it is not the reader's", () => {
  const now = new Date("2026-03-17T02:00:00Z");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const elsewhere =
    wallOf(now, "America/Los_Angeles").hour === now.getHours() ? "Asia/Tokyo" : "America/Los_Angeles";
  expect(snoozeTitle("Snooze until", own, now)).toBe("Snooze until");
  expect(snoozeTitle("Snooze until", undefined, now)).toBe("Snooze until");
  expect(snoozeTitle("Snooze until", elsewhere, now)).toMatch(/mornings: 9:00 in (Los Angeles|Tokyo)/);
});

test("a zone that the browser does not know is the reader's own", () => {
  const at = new Date(2026, 2, 17, 9);
  expect(wallOf(at, "Mars/Olympus")).toMatchObject({ day: 17, hour: 9 });
  expect(momentOf({ year: 2026, month: 2, day: 17, hour: 9 }, "Mars/Olympus")).toEqual(at);
});
