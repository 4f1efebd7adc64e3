/** What rules do: the actions that this page has forms for, how each begins, and what it does in words. Pure. */
import type { Fill, KnownAction, NotifyWhom, RuleAction, RuleSchema, Taken } from "@/api/rules";
import { lengthWords } from "@/lib/durations";
import { assignWords, NO_OPTIONS } from "./assign";
import type { Naming } from "./words";

export type ActionKind = KnownAction["kind"];

/** In the order in which they are offered. */
const BEGINS: { [K in ActionKind]: { label: string; begin: Extract<KnownAction, { kind: K }> } } = {
  assign: {
    label: "Assign to a team",
    begin: { kind: "assign", team_id: "", strategy: "round_robin", ...NO_OPTIONS },
  },
  assign_to: { label: "Assign to somebody", begin: { kind: "assign_to", agent_id: "" } },
  unassign: { label: "Take it from its agent or team", begin: { kind: "unassign", what: "agent" } },
  follow: { label: "Add followers", begin: { kind: "follow", agent_ids: [] } },
  set_priority: { label: "Set the priority", begin: { kind: "set_priority", priority: true } },
  add_tags: { label: "Add tags", begin: { kind: "add_tags", tags: [] } },
  remove_tags: { label: "Remove tags", begin: { kind: "remove_tags", tags: [] } },
  set_topic: { label: "Set the topic", begin: { kind: "set_topic", topic: "" } },
  set_attribute: {
    label: "Set an attribute",
    begin: { kind: "set_attribute", attribute_id: "", value: null },
  },
  apply_sla: { label: "Apply an SLA policy", begin: { kind: "apply_sla", policy_id: "" } },
  add_note: { label: "Add a note", begin: { kind: "add_note", text: "" } },
  notify: {
    label: "Notify colleagues",
    begin: { kind: "notify", text: "", to: ["assignee"], agent_ids: [], team_ids: [] },
  },
  send_macro: { label: "Reply with a macro", begin: { kind: "send_macro", macro_id: "" } },
  create_ticket: {
    label: "Create a ticket",
    begin: { kind: "create_ticket", type_id: "", title: "", fields: [] },
  },
  link_tracker: { label: "Link to a tracker", begin: { kind: "link_tracker", tracker_id: "" } },
  emit_event: { label: "Emit an event", begin: { kind: "emit_event", name: "", attributes: [] } },
  call_webhook: {
    label: "Call a webhook",
    begin: { kind: "call_webhook", endpoint_id: "", name: "", attributes: [] },
  },
  snooze: { label: "Snooze", begin: { kind: "snooze", for: "P1D" } },
  close: { label: "Close", begin: { kind: "close" } },
  reopen: { label: "Reopen", begin: { kind: "reopen" } },
  mark_spam: { label: "Mark as spam", begin: { kind: "mark_spam", reason: "" } },
  block: { label: "Block the customer", begin: { kind: "block", reason: "" } },
};

/** Whether this page has a form for it. */
export const isKnown = (action: RuleAction): action is KnownAction & RuleAction => action.kind in BEGINS;

export const actionLabel = (kind: string): string =>
  kind in BEGINS ? BEGINS[kind as ActionKind].label : kind.replace(/_/g, " ");

/** Those that the service takes and this page has forms for. */
export function offeredActions(schema: RuleSchema): KnownAction[] {
  const taken = Object.keys(schema.actions.discriminator?.mapping ?? {});
  return Object.values(BEGINS)
    .map(({ begin }) => begin)
    .filter(({ kind }) => taken.includes(kind));
}

export const TAKEN: Record<Taken, string> = {
  agent: "its agent",
  team: "its team",
  both: "its agent and its team",
};

export const WHOM: Record<NotifyWhom, string> = {
  assignee: "the assignee",
  followers: "its followers",
  team: "its team",
  leads: "its team’s leads",
};

const quoted = (values: readonly string[]): string => values.map((each) => `“${each}”`).join(", ") || "…";

/** "assign it to Email Support, in turns": after "then". */
export function actionWords(action: RuleAction, naming: Naming): string {
  if (!isKnown(action)) return `${actionLabel(action.kind)} ${JSON.stringify(withoutKind(action))}`;
  switch (action.kind) {
    case "assign":
      return assignWords(action, (id) => named("team", id, naming));
    case "assign_to":
      return `assign it to ${named("agent", action.agent_id, naming)}`;
    case "unassign":
      return `take it from ${TAKEN[action.what]}`;
    case "follow":
      return `add ${action.agent_ids.map((id) => naming.ref("agent", id)).join(", ") || "…"} as ${action.agent_ids.length > 1 ? "followers" : "a follower"}`;
    case "set_priority":
      return action.priority ? "mark it as priority" : "take the priority off";
    case "add_tags":
      return `add the ${action.tags.length === 1 ? "tag" : "tags"} ${quoted(action.tags)}`;
    case "remove_tags":
      return `remove the ${action.tags.length === 1 ? "tag" : "tags"} ${quoted(action.tags)}`;
    case "set_topic":
      return `set the topic to ${action.topic || "…"}`;
    case "set_attribute":
      return attributeWords(action, naming);
    case "mark_spam":
      return action.reason ? `mark it as spam (${action.reason})` : "mark it as spam";
    case "block":
      return `block the customer (${action.reason || "…"})`;
    case "add_note":
      return `add the note “${action.text || "…"}”`;
    case "close":
      return "close it";
    case "reopen":
      return "reopen it";
    case "snooze":
      return `snooze it for ${lengthWords(action.for)}`;
    case "apply_sla":
      return `put it under the SLA policy ${action.policy_id ? naming.policy(action.policy_id) : "…"}`;
    case "notify":
      return notifyWords(action, naming);
    case "send_macro":
      return `reply with the macro ${action.macro_id ? naming.macro(action.macro_id) : "…"}`;
    case "create_ticket": {
      const type = action.type_id ? naming.ticketType(action.type_id) : "…";
      return `create a ticket: ${type}${action.title && ` “${action.title}”`}${fillWords(action.fields, naming)}`;
    }
    case "link_tracker":
      return `link it to the tracker ${action.tracker_id || "…"}`;
    case "emit_event":
      return `emit the event ${action.name || "…"}${fillWords(action.attributes, naming)}`;
    case "call_webhook":
      return `call ${naming.webhook(action.endpoint_id)} with ${action.name || "…"}${fillWords(action.attributes, naming)}`;
  }
}

const named = (kind: "team" | "agent", id: string, naming: Naming): string =>
  id ? naming.ref(kind, id) : "…";

function attributeWords(action: Extract<KnownAction, { kind: "set_attribute" }>, naming: Naming): string {
  const name = action.attribute_id ? naming.attribute(action.attribute_id) : "…";
  if (action.value === null) return `empty ${name}`;
  const value = typeof action.value === "boolean" ? (action.value ? "yes" : "no") : `“${action.value}”`;
  return `set ${name} to ${value}`;
}

function notifyWords(action: Extract<KnownAction, { kind: "notify" }>, naming: Naming): string {
  const whom = [
    ...action.to.map((each) => WHOM[each]),
    ...action.agent_ids.map((id) => naming.ref("agent", id)),
    ...action.team_ids.map((id) => naming.ref("team", id)),
  ];
  return `tell ${whom.join(", ") || "…"}: “${action.text || "…"}”`;
}

/** " (reason: “broken”, order: Subject)". */
function fillWords(fills: readonly Fill[], naming: Naming): string {
  const words = fills.map(({ id, value, field }) =>
    field ? `${id}: ${naming.field(field)?.label ?? field}` : `${id}: “${value ?? "…"}”`,
  );
  return words.length ? ` (${words.join(", ")})` : "";
}

export const withoutKind = ({ kind: _, ...rest }: RuleAction): Record<string, unknown> => rest;
