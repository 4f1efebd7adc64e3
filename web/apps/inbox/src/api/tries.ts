/** What a draft of a rule would have done to what happened lately, and what a set of drafts to many conversations. */
import type { RuleDraft } from "./rules";
import type { RuleTrace } from "./traces";

/** What routing decides to do, of any kind. */
export interface Decided {
  kind: string;
  [field: string]: unknown;
}

/** `id`: of the rule that it would replace; null for a new one. */
export interface Drafted {
  id: string | null;
  rule: RuleDraft;
}

/** `actions`: what the draft alone would do; `did`: what was decided at the time, by all rules. */
export interface TriedEvent {
  conversation_id: string;
  brand_id: string;
  title: string;
  customer: string;
  event: string;
  at: string;
  matched: boolean;
  trace: RuleTrace;
  actions: Decided[];
  did: Decided[];
}

/** How many conversations a rule matches in the draft, and in the rules in force. */
export interface RuleCount {
  id: string;
  name: string;
  matched: number;
  matched_before: number;
}

/** An event that would have gone otherwise: what the rules in force do with it, and what the draft would have done. */
export interface SimulationExample {
  conversation_id: string;
  brand_id: string;
  title: string;
  customer: string;
  event: string;
  at: string;
  before: Decided[];
  after: Decided[];
  trace: RuleTrace[];
}

/** A rule of which the counts do not show all. */
export interface NotSimulated {
  id: string;
  name: string;
  why: ("waits" | "time" | "clock" | "availability" | "rollout")[];
}

/** `read` of `total` conversations are through; `total` is 0 until they are found. Results come with the end. */
export interface Simulation {
  id: string;
  state: "running" | "done" | "failed" | "cancelled";
  read: number;
  total: number;
  differ: number;
  by_rule: RuleCount[];
  examples: SimulationExample[];
  not_simulated: NotSimulated[];
  error: string | null;
}
