/** Rules as routing keeps them: when, if, then. */
import type { Asking, ConditionGroup, Scalar } from "./conditions";
import type { Governed } from "./governed";
import type { Weekday } from "./sla";

export type Strategy = "round_robin" | "balanced" | "none";

/**
 * Which member of a team gets it: who has all `skills`; with `speaks`, the customer's language where it is known;
 * `sticky`: first who answered them last. `overflow`: after so long (ISO 8601) also somebody of another team.
 * `answer_within`: others are asked when it is not answered by then.
 */
export type AssignOptions = {
  skills: string[];
  speaks: boolean;
  sticky: boolean;
  overflow?: { after: string; team_id: string } | null;
  answer_within?: string | null;
};

/** What a conversation is taken from. */
export type Taken = "agent" | "team" | "both";

/** Who is told, by their part in the conversation. */
export type NotifyWhom = "assignee" | "followers" | "team" | "leads";

/** A value, or the name of the field that it is taken from; one of the two. */
export interface Fill {
  id: string;
  value?: Scalar | null;
  field?: string | null;
}

export type KnownAction =
  | ({ kind: "assign"; team_id: string; strategy: Strategy } & AssignOptions)
  | { kind: "assign_to"; agent_id: string }
  | { kind: "unassign"; what: Taken }
  | { kind: "follow"; agent_ids: string[] }
  | { kind: "set_priority"; priority: boolean }
  | { kind: "add_tags"; tags: string[] }
  | { kind: "remove_tags"; tags: string[] }
  | { kind: "set_topic"; topic: string }
  | { kind: "set_attribute"; attribute_id: string; value: Scalar | null }
  | { kind: "mark_spam"; reason: string }
  | { kind: "add_note"; text: string }
  | { kind: "close" }
  | { kind: "reopen" }
  | { kind: "snooze"; for: string }
  | { kind: "apply_sla"; policy_id: string }
  | { kind: "notify"; text: string; to: NotifyWhom[]; agent_ids: string[]; team_ids: string[] }
  | { kind: "send_macro"; macro_id: string }
  | { kind: "create_ticket"; type_id: string; title: string; fields: Fill[] }
  | { kind: "link_tracker"; tracker_id: string }
  | { kind: "emit_event"; name: string; attributes: Fill[] }
  | { kind: "call_webhook"; endpoint_id: string; name: string; attributes: Fill[] }
  | { kind: "block"; reason: string };

/** A webhook that a rule may call. `brand_ids` empty: all brands. */
export interface RuleWebhook {
  id: string;
  name: string;
  brand_ids: string[];
  state: "active" | "disabled";
}

/** An action as it travels; a newer service may have kinds that are not known here. */
export interface RuleAction {
  kind: string;
  [field: string]: unknown;
}

/** What ends a rule's waiting before its time. */
export type Cancels = "customer_replied" | "agent_replied" | "closed";

/**
 * On `weekdays` or `month_days` (-1: the last), at `times` ("09:00") or `every` so many hours; `zone` null: by the clocks
 * of the brand.
 */
export interface ClockTimes {
  weekdays: Weekday[];
  month_days: number[];
  times: string[];
  every?: { hours: number; from: string; to: string } | null | undefined;
  zone?: string | null | undefined;
  statuses: ("open" | "snoozed" | "closed")[];
}

/**
 * What a person writes. `brand_ids` empty: every brand; `if` null: always. `after`: how long a rule that matched waits
 * (ISO 8601) until it is asked again, and acts if it still matches. `clock`: of a rule that is asked at such times.
 */
export interface RuleDraft {
  name: string;
  enabled: boolean;
  brand_ids: string[];
  when: string[];
  if: ConditionGroup | null;
  then: RuleAction[];
  stop: boolean;
  after?: string | null;
  cancel_on: Cancels[];
  clock?: ClockTimes | null;
}

/** An attribute of the desk's own or a field of a ticket's form that the rule asks about, as it was when the rule was
 * saved. */
export interface RuleField {
  id: string;
  applies_to: "contact" | "conversation" | "ticket";
  label: string;
  type: string;
}

/** `order`: its place among the others; `saved_by` empty: nobody in person. */
export interface Rule extends RuleDraft, Governed {
  order: number;
  fields: RuleField[];
}

/** `actions`: the JSON Schema of one action. */
export interface RuleSchema extends Asking {
  events: string[];
  actions: { discriminator?: { mapping?: Record<string, string> } };
}
