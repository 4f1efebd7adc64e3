/** What routing decided, in words: "assign Email Support, add tag “refund”". Pure. */
import type { Taken } from "@/api/rules";
import type { Decided } from "@/api/tries";
import { actionLabel, TAKEN } from "./actions";
import type { Naming } from "./words";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const quoted = (values: readonly string[]): string => values.map((each) => `“${each}”`).join(", ");

export function decidedWords(action: Decided, naming: Naming): string {
  switch (action.kind) {
    case "assign_team":
      return `assign ${naming.ref("team", text(action.team_id))}`;
    case "assign_agent":
      return `assign ${naming.ref("agent", text(action.agent_id))}`;
    case "unassign":
      return `take it from ${TAKEN[text(action.what) as Taken] ?? "who has it"}`;
    case "follow":
      return `add ${naming.ref("agent", text(action.agent_id))} as a follower`;
    case "set_priority":
      return action.priority === false ? "take the priority off" : "set priority";
    case "add_tags":
      return `add ${quoted(texts(action.tags))}`;
    case "remove_tags":
      return `remove ${quoted(texts(action.tags))}`;
    case "set_topic":
      return `set the topic to ${text(action.topic)}`;
    case "set_attribute": {
      const name = naming.attribute(text(action.attribute_id));
      return action.value === null ? `empty ${name}` : `set ${name} to “${String(action.value)}”`;
    }
    case "set_state":
      return (
        { open: "reopen it", snoozed: "snooze it", closed: "close it" }[text(action.state)] ??
        "change its state"
      );
    case "write_note":
      return `add the note “${text(action.text)}”`;
    case "mark_spam":
      return "mark it as spam";
    case "block":
      return "block the customer";
    case "apply_sla":
      return `put it under ${naming.policy(text(action.policy_id))}`;
    case "notify":
      return `tell colleagues “${text(action.text)}”`;
    case "send_macro":
      return `reply with ${naming.macro(text(action.macro_id))}`;
    case "create_ticket":
      return `create a ticket (${naming.ticketType(text(action.type_id))})`;
    case "link_tracker":
      return "link it to a tracker";
    case "emit_event":
      return `emit ${text(action.name)}`;
    case "call_webhook":
      return `call ${naming.webhook(text(action.endpoint_id))} with ${text(action.name)}`;
    case "report_loop":
      return "not act again: it had led back to itself";
    default:
      return actionLabel(action.kind);
  }
}

/** All of them; nothing: said so. */
export const allDecided = (actions: readonly Decided[], naming: Naming): string =>
  actions.map((each) => decidedWords(each, naming)).join(", ") || "nothing";
