/** Calls in words. Pure. */
import type { Call } from "@/api/calls";
import type { CallOutcome, Dial } from "@/api/phone";
import type { Head } from "@/api/types";
import { showHandle } from "./person";

/** As its conversation is described. */
export const callName = ({ direction }: Pick<Call, "direction">): string =>
  direction === "inbound" ? "Incoming call" : "Outgoing call";

export const ATTEMPTS = 2;

export const OUTCOMES: readonly (readonly [CallOutcome, string])[] = [
  ["reached", "Reached"],
  ["no_answer", "No answer"],
  ["voicemail", "Left a voicemail"],
  ["busy", "Busy"],
  ["wrong_number", "Wrong number"],
];

export const outcomeName = (outcome: CallOutcome): string =>
  OUTCOMES.find(([id]) => id === outcome)?.[1] ?? outcome;

/** Whether there is nothing more to attempt by phone until the customer writes. */
export const attemptsOver = (head: Head): boolean =>
  head.call_attempts >= ATTEMPTS || head.call_outcome === "reached" || head.call_outcome === "wrong_number";

/** How the attempts ended. */
export function overWords(head: Head): string {
  if (head.call_outcome === "reached") return "They were reached by phone.";
  if (head.call_outcome === "wrong_number") return "The number is wrong. Ask for another one in writing.";
  return "Both attempts are made and nobody answered. Write to them; when they answer, two more begin.";
}

/** How the call that was asked for last stands; `call` is the latest one that was told of. */
export function dialWords(dial: Dial, call?: Call | null): string {
  const number = showHandle(dial.number);
  if (call?.state === "ended" && call.number === dial.number && dial.state === "dialed")
    return `Called ${number}.`;
  switch (dial.state) {
    case "requested":
      return `Calling ${number}… your phone rings in a moment.`;
    case "dialed":
      return `Your phone is calling ${number}.`;
    case "failed":
    case "unknown":
      return dial.reason;
  }
}
