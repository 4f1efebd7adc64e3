import { describe, expect, test } from "vitest";
import type { OfPlace } from "@/api/dashboard";
import { withAvailability } from "@/data/availability";
import { namesOf } from "@/data/directory";
import {
  clockThere,
  loadWords,
  narrowingOf,
  newWords,
  placeName,
  roughly,
  since,
  statusWords,
  typical,
  worthALine,
} from "@/features/dashboard/words";

const NOW = new Date("2026-05-01T12:00:00Z");
const NONE = { open: 0, waiting: 0, oldest_waiting: null };
const NOTHING = { count: 0, median_s: null, p90_s: null };

function line(id: string, open: number): OfPlace {
  const today = { new: 0, closed: 0, replies: 0, first_response: NOTHING, resolution: NOTHING };
  return { id, now: { ...NONE, open }, unassigned: NONE, today };
}

describe("the dashboard's words", () => {
  test.each([
    [0, "0 s"],
    [59.4, "59 s"],
    [60, "1 min"],
    [119, "1 min"],
    [3600, "1 h"],
    [4800, "1 h 20 min"],
    [86_400 + 7200, "1 d 2 h"],
  ])("%s seconds are %s", (seconds, words) => expect(roughly(seconds)).toBe(words));

  test("a clock that is ahead never says less than nothing", () => {
    expect(since("2026-05-01T11:20:00Z", NOW)).toBe("40 min");
    expect(since("2026-05-01T12:00:05Z", NOW)).toBe("0 s");
  });

  test("times say the middle, and more when pointed at", () => {
    expect(typical({ count: 1200, median_s: 300, p90_s: 4000 })).toEqual({
      short: "5 min",
      long: `Half within 5 min, nine in ten within 1 h 6 min, of ${(1200).toLocaleString()}`,
    });
    expect(typical(NOTHING).short).toBe("–");
  });

  test.each([
    { open: 12, capacity: null, short: "12", long: "Chat: 12", full: false },
    { open: 3, capacity: 4, short: "3/4", long: "Chat: 3 of 4", full: false },
    { open: 4, capacity: 4, short: "4/4", long: "Chat: 4 of 4", full: true },
    { open: 0, capacity: 0, short: "0/0", long: "Chat: 0 of 0", full: false },
  ])("$open of a channel of which $capacity are taken", ({ open, capacity, ...words }) =>
    expect(loadWords({ channel: "chat", open, capacity })).toEqual(words),
  );

  test("a status is a sentence", () => {
    expect(statusWords({ agent_id: "a", status: "away", reason: "Coaching" })).toBe("Away: Coaching");
    expect(statusWords(undefined)).toBe("Offline");
  });

  test("where somebody is, by their clock; nothing when it is hidden or unknown", () => {
    expect(clockThere("Asia/Ho_Chi_Minh", NOW)).toMatch(/^Ho Chi Minh, (19:00|7:00\sPM)$/);
    expect(clockThere("", NOW)).toBe("");
    expect(clockThere("Mars/Base", NOW)).toBe("Base");
  });

  test("a number opens the list that it counts", () => {
    expect(narrowingOf("teams", "")).toEqual({ team: "none" });
    expect(narrowingOf("brands", "b")).toEqual({ brand: "b" });
    expect(placeName("channels", "custom", namesOf(undefined))).toBe("Other");
    expect(placeName("teams", "", namesOf(undefined))).toBe("No team");
  });

  test("what began without a team is new in the line of the team that it was given to alone", () => {
    const came = (id: string) => ({ ...line(id, 0), today: { ...line(id, 0).today, new: 5 } });
    expect(newWords("teams", came(""))).toBe("");
    expect(newWords("teams", came("email"))).toBe("5");
    expect(worthALine("teams", [came(""), came("email")]).map((each) => each.id)).toEqual(["email"]);
    expect(worthALine("channels", [came("email")])).toHaveLength(1);
  });

  test("lines with nothing are left out, unless there are no others", () => {
    expect(worthALine("teams", [line("a", 1), line("b", 0)]).map((each) => each.id)).toEqual(["a"]);
    expect(worthALine("teams", [line("b", 0)])).toHaveLength(1);
  });
});

describe("what is known of who is there", () => {
  const known = {
    items: [{ agent_id: "maya", status: "online" as const, reason: "", load: 3, time_zone: "UTC" }],
    away_reasons: ["Coaching"],
  };

  test("news of a status leaves the rest as it is", () => {
    const after = withAvailability(known, { agent_id: "maya", status: "away", reason: "Coaching" });
    expect(after?.items).toEqual([
      { agent_id: "maya", status: "away", reason: "Coaching", load: 3, time_zone: "UTC" },
    ]);
    expect(after?.away_reasons).toEqual(["Coaching"]);
    expect(withAvailability(undefined, { agent_id: "maya" })).toBeUndefined();
  });
});
