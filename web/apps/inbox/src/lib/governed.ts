/** Where something governed stands, in words, and what may be done to it by whom. Pure. */
import type { Happened, Rollout, Standing } from "@/api/governed";
import { untilLabel } from "./time";

export type Act = "submit" | "withdraw" | "approve" | "reject" | "publish" | "rollout" | "retire" | "owner";

export interface Who {
  agentId: string;
  mayWrite: boolean;
  mayPublish: boolean;
  mayApprove: boolean;
}

const REVIEWED: readonly string[] = ["in_review", "approved"];
const IN_HAND: readonly string[] = ["draft", "in_review", "approved", "scheduled"];

export const missing = (standing: Standing): number =>
  Math.max(0, standing.approvals_needed - standing.approvals.length);

/** The latest version isn't in force yet. */
export const isInHand = (standing: Standing): boolean => IN_HAND.includes(standing.state);

/** It is for others to look at. */
export const isReviewed = ({ state }: Standing): boolean => REVIEWED.includes(state);

/** What may be done now, the most likely first. */
export function actsOf(standing: Standing, who: Who): Act[] {
  const { state } = standing;
  const reviews = isReviewed(standing) && who.mayApprove;
  const approved = standing.approvals.some(({ by }) => by === who.agentId);
  const may: Record<Act, boolean> = {
    publish: isInHand(standing) && who.mayPublish && missing(standing) === 0,
    approve: reviews && missing(standing) > 0 && !approved && !standing.authors.includes(who.agentId),
    submit: state === "draft" && who.mayWrite,
    reject: reviews,
    rollout: standing.rollout !== null && who.mayPublish,
    withdraw: [...REVIEWED, "scheduled"].includes(state) && who.mayWrite,
    owner: state !== "retired" && who.mayWrite,
    retire: state !== "retired" && (standing.published === null ? who.mayWrite : who.mayPublish),
  };
  return (Object.keys(may) as Act[]).filter((act) => may[act]);
}

export type Tone = "quiet" | "waits" | "ready" | "part";

export interface Badge {
  text: string;
  tone: Tone;
}

/** What is worth telling in a list; null: the latest version is in force for everybody. */
export function badgeOf(standing: Standing, now: Date): Badge | null {
  switch (standing.state) {
    case "draft":
      return { text: "Draft", tone: "quiet" };
    case "in_review":
      return { text: "In review", tone: "waits" };
    case "approved":
      return { text: "Approved", tone: "ready" };
    case "scheduled":
      return {
        text: standing.publish_at ? `From ${untilLabel(standing.publish_at, now)}` : "Scheduled",
        tone: "ready",
      };
    case "retired":
      return { text: "Retired", tone: "quiet" };
    case "replaced":
      return { text: "Was in force", tone: "quiet" };
    case "published":
      return standing.rollout ? { text: `For ${shareWords(standing.rollout)}`, tone: "part" } : null;
  }
}

/** "20 %", "a part": how much has the new version. */
const shareWords = ({ percentage }: Rollout): string => (percentage < 100 ? `${percentage} %` : "a part");

export interface NamesOfIds {
  team: (id: string) => string;
  brand: (id: string) => string;
}

/** "20 % of the conversations of Email Support at Northwind Tea". */
export function rolloutWords({ percentage, team_ids, brand_ids }: Rollout, names: NamesOfIds): string {
  const whose = team_ids.length ? ` of ${team_ids.map(names.team).join(", ")}` : "";
  const where = brand_ids.length ? ` at ${brand_ids.map(names.brand).join(", ")}` : "";
  return `${percentage} % of the conversations${whose}${where}`;
}

/** What is in force while the latest version isn't, or not for everybody. */
export function forceWords(standing: Standing, version: number, names: NamesOfIds): string {
  const { published, before, rollout } = standing;
  if (published === null) return "Nothing of it is in force.";
  if (!rollout) return published === version ? "It is in force." : `Version ${published} is in force.`;
  const others = before === null ? "the others have none" : `version ${before} for the others`;
  return `Version ${published} is in force for ${rolloutWords(rollout, names)}, ${others}.`;
}

/** What it waits for; empty: for nothing. */
export function waitsWords(standing: Standing): string {
  const count = missing(standing);
  if (standing.state === "draft" && count) {
    return `To be in force it needs ${approvalsWords(count)} by others: submit it for review.`;
  }
  if (standing.state === "in_review" && count) return `It waits for ${approvalsWords(count)}.`;
  return "";
}

const approvalsWords = (count: number): string => (count === 1 ? "an approval" : `${count} approvals`);

/** Why what comes next is for somebody else to do; empty: it isn't. `plural`: what is governed ("macros"). */
export function othersWords(standing: Standing, who: Who, plural: string): string {
  const { state, approvals, authors } = standing;
  const waits = isReviewed(standing) && missing(standing) > 0;
  if (waits && !who.mayApprove) return `Your role may not approve ${plural}.`;
  if (waits && authors.includes(who.agentId)) {
    return "You wrote it, or a part of it: somebody else has to approve it.";
  }
  if (waits && approvals.some(({ by }) => by === who.agentId)) {
    return "You approved it: somebody else has to, too.";
  }
  if (["draft", ...REVIEWED].includes(state) && missing(standing) === 0 && !who.mayPublish) {
    return `Your role may not publish ${plural}: somebody who may does it.`;
  }
  return "";
}

/** Why what one writes can only be saved as a draft; empty: it may be in force in the same step. */
export function onlyDraftWords(approvals: number, who: Who, plural: string): string {
  if (approvals > 0) {
    return `A new version needs ${approvalsWords(approvals)} by others: save a draft, then submit it for review.`;
  }
  return who.mayPublish
    ? ""
    : `Your role may not publish ${plural}: save a draft, and somebody who may does it.`;
}

/** What the version in hand loses when another is saved over it; empty: nothing. */
export function lostWords({ state, approvals }: Standing): string {
  const given = approvals.length;
  const lost = [
    ...(given
      ? [`the ${given === 1 ? "approval" : `${given} approvals`} given so far will not count for it`]
      : []),
    ...(state === "scheduled" ? ["nothing will be published at the time that was set"] : []),
  ];
  return lost.length ? `Saving makes a new version: ${lost.join(", and ")}.` : "";
}

const HAPPENED: Record<string, string> = {
  saved: "saved",
  submitted: "submitted for review",
  withdrawn: "took back",
  approved: "approved",
  rejected: "asked for changes to",
  scheduled: "scheduled",
  published: "published",
  not_published: "did not publish",
  rolled_out: "changed for whom it is in force:",
  rolled_back: "went back to what an earlier version says, as",
  retired: "retired",
  handed_over: "handed over",
};

/** "approved version 3": after who did it. */
export const happenedWords = ({ act, version }: Happened): string =>
  `${HAPPENED[act] ?? act.replace(/_/g, " ")} version ${version}`;
