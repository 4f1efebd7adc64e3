import { describe, expect, test } from "vitest";
import type { CallOutcome } from "@/api/phone";
import { namesOf } from "@/data/directory";
import { layout } from "@/features/conversation/layout";
import { phraseOf } from "@/features/conversation/phrases";
import { attemptsOver, dialWords, OUTCOMES, outcomeName, overWords } from "@/lib/calls";
import { entry, head, maya } from "./examples";

const names = namesOf(undefined);
const now = new Date("2026-03-02T12:00:00Z");
const dial = {
  request_id: "r1",
  number: "+14155550137",
  line: "+13105550104",
  agent_id: "maya",
  state: "requested" as const,
  code: "",
  reason: "",
  asked_at: "2026-03-02T11:00:00Z",
};

describe("attempts to call", () => {
  test.each<[number, CallOutcome | null, boolean]>([
    [0, null, false],
    [1, "no_answer", false],
    [1, "voicemail", false],
    [1, "busy", false],
    [1, "reached", true],
    [1, "wrong_number", true],
    [2, "no_answer", true],
  ])("after %i, the last one %s: over is %s", (made, outcome, over) => {
    const one = head({ call_attempts: made, call_outcome: outcome });
    expect(attemptsOver(one)).toBe(over);
    if (over) expect(overWords(one)).toMatch(/\.$/);
  });

  test("every outcome has a name", () => {
    for (const [outcome] of OUTCOMES) expect(outcomeName(outcome)).not.toBe(outcome);
  });
});

describe("a call in words", () => {
  test("is being set up, made, or says why not", () => {
    expect(dialWords(dial)).toContain("+1 415 555 0137");
    expect(dialWords({ ...dial, state: "dialed" })).toContain("calling");
    expect(dialWords({ ...dial, state: "failed", reason: "You are not available." })).toBe(
      "You are not available.",
    );
  });

  test("stands on the timeline as lines, never as a message", () => {
    const entries = [
      entry(
        1,
        "CallRequested",
        { request_id: "r1", number: dial.number, line: dial.line, agent_id: "maya" },
        { by: maya },
      ),
      entry(2, "DialUpdated", {
        request_id: "r1",
        number: dial.number,
        state: "failed",
        code: "not_available",
        reason: "You are on a call.",
      }),
      entry(
        3,
        "CallAttempted",
        { attempt: 1, outcome: "no_answer", note: "Rang.", number: "" },
        { by: maya },
      ),
    ];
    const shown = layout(entries).filter((block) => block.kind !== "day");
    expect(shown.map((block) => block.kind)).toEqual(["events", "events", "events"]);
    expect(entries.map((each) => phraseOf(each, names, now))).toEqual([
      "asked for a call to +1 415 555 0137",
      "made no call to +1 415 555 0137: You are on a call.",
      "noted call attempt 1: no answer — “Rang.”",
    ]);
  });
});
