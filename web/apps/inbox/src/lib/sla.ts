/** Service levels in words. */
import type { SlaKind, SlaTarget, SlaUpdate } from "@/api/sla";
import { fullTime, momentLabel } from "./time";

export const KIND_NAMES: Record<SlaKind, string> = {
  first_response: "First answer",
  next_response: "Next answer",
  close: "Close",
  resolution: "Resolution",
};

/** "45 m", "3 h", "2 d": how much of something is left, or how long it has been over. */
export function spanWords(seconds: number): string {
  const minutes = Math.max(1, Math.round(Math.abs(seconds) / 60));
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}

export type DueState = "missed" | "soon" | undefined;

/** Red when it is over, amber from its warning on. */
export function dueState(target: SlaTarget | undefined, dueAt: string, now: Date): DueState {
  const at = now.getTime();
  if (Date.parse(dueAt) <= at) return "missed";
  return target?.warn_at && Date.parse(target.warn_at) <= at ? "soon" : undefined;
}

/** The target that the conversation's next time is of. */
export const nextTarget = (targets: readonly SlaTarget[] | undefined, dueAt: string): SlaTarget | undefined =>
  targets?.find((each) => each.due_at && Date.parse(each.due_at) === Date.parse(dueAt));

/** "3 h", "45 m late" of a conversation's next time, how urgent it is, and the whole of it for a tooltip. */
export function dueWords(
  targets: readonly SlaTarget[] | undefined,
  dueAt: string,
  now: Date,
): { state: DueState; short: string; long: string } {
  const target = nextTarget(targets, dueAt);
  const state = dueState(target, dueAt, now);
  const left = spanWords((Date.parse(dueAt) - now.getTime()) / 1000);
  const name = target ? KIND_NAMES[target.kind] : "Answer";
  return {
    state,
    short: state === "missed" ? `${left} late` : left,
    long: `${name} ${state === "missed" ? "was " : ""}due ${fullTime(dueAt)}`,
  };
}

/** What a line of the timeline says of a target, after its actor; empty for what nobody needs to read there. */
export function updateWords({ change, target, late }: SlaUpdate, now: Date): string {
  const name = KIND_NAMES[target.kind].toLowerCase();
  switch (change) {
    case "started":
      return target.due_at ? `expects the ${name} by ${momentLabel(target.due_at, now)}` : "";
    case "policy":
      return `counts the ${name} by the policy ${target.policy.name}`;
    case "warned":
      return target.due_at ? `warned: the ${name} is due ${momentLabel(target.due_at, now)}` : "";
    case "breached":
      return `noted that the ${name} is late (${target.policy.name})`;
    case "met":
      return late ? `noted the ${name}, after its time` : `noted the ${name}, in time`;
    default:
      return "";
  }
}
