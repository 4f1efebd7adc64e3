/** What happened, in words. Pure: names are passed in. */
import type { AttributeValue } from "@/api/contacts";
import type { Actor, ApartReason, JoinReason, TicketChange, TimelineEntry } from "@/api/types";
import type { Names } from "@/data/directory";
import { outcomeName } from "@/lib/calls";
import { valueWords } from "@/lib/contacts";
import { linkName, STATE_NAMES } from "@/lib/links";
import { showHandle } from "@/lib/person";
import { updateWords } from "@/lib/sla";
import { fullTime, untilLabel } from "@/lib/time";

const LATE_MS = 5 * 60_000;

const quoted = (words: readonly string[]): string => words.map((word) => `“${word}”`).join(", ");

/** Who did it, to begin a line with. */
export function actorWords(by: Actor, agentId: string): string {
  switch (by.kind) {
    case "agent":
      return by.id === agentId ? "You" : by.name || "Somebody";
    case "rule":
      return by.name ? `Rule ${by.name}` : "A rule";
    case "customer":
      return by.name || "The customer";
    case "integration":
      return by.name || "An integration";
    case "outside":
      return by.name || "Somebody else";
    case "system":
      return by.name || "Switchboard";
  }
}

function assigned(entry: Extract<TimelineEntry, { type: "Assigned" }>, names: Names): string {
  const { team_id, assignee_id, previous_team_id, previous_assignee_id } = entry.data;
  const newAgent = assignee_id && assignee_id !== previous_assignee_id;
  const newTeam = team_id && team_id !== previous_team_id;
  const took = newAgent && entry.by.kind === "agent" && assignee_id === entry.by.id;
  if (took) return newTeam && previous_team_id ? `took it to ${names.teamName(team_id)}` : "took it";
  const agent = names.agentName(assignee_id);
  if (newAgent && newTeam) return `assigned ${names.teamName(team_id)} and ${agent}`;
  if (newAgent) return `assigned ${agent}`;
  if (newTeam) return `assigned ${names.teamName(team_id)}`;
  const lostTeam = !team_id && previous_team_id;
  if (!assignee_id && previous_assignee_id && lostTeam)
    return `took it from ${names.agentName(previous_assignee_id)} and ${names.teamName(previous_team_id)}`;
  if (!assignee_id && previous_assignee_id) return `unassigned ${names.agentName(previous_assignee_id)}`;
  if (lostTeam) return `took it from ${names.teamName(previous_team_id)}`;
  return "assigned it again";
}

function tagged(added: readonly string[], removed: readonly string[]): string {
  const parts: string[] = [];
  if (added.length) parts.push(`added tag${added.length > 1 ? "s" : ""} ${quoted(added)}`);
  if (removed.length) parts.push(`removed tag${removed.length > 1 ? "s" : ""} ${quoted(removed)}`);
  return parts.join(" and ");
}

function attributesChanged(set: readonly AttributeValue[], cleared: readonly string[], names: Names): string {
  const label = (id: string): string => names.attribute(id)?.label ?? id;
  const parts = set.map((one) => `set ${label(one.id)} to ${valueWords(one.value)}`);
  if (cleared.length) parts.push(`cleared ${cleared.map(label).join(", ")}`);
  return parts.join(" and ");
}

function progressed(entry: Extract<TimelineEntry, { type: "LinkProgressed" }>, names: Names): string {
  const { link, text } = entry.data;
  const name = linkName(link, names.ticketType(link.type_id)?.name);
  if (text) return `posted on ${name}: “${text}”`;
  return link.state ? `moved ${name} to ${STATE_NAMES[link.state]}` : `changed ${name}`;
}

const TICKET_PHRASES: Record<TicketChange, (name: string) => string> = {
  assigned: (name) => `assigned ${name}`,
  commented: (name) => `commented on ${name}`,
  edited: (name) => `edited ${name}`,
  due: (name) => `changed when ${name} is due`,
  sla_warned: (name) => `warned: ${name} is due soon`,
  sla_breached: (name) => `noted that ${name} is late`,
};

function updated(entry: Extract<TimelineEntry, { type: "TicketUpdated" }>, names: Names): string {
  const { link, change } = entry.data;
  const name = linkName(link, names.ticketType(link.type_id)?.name);
  return TICKET_PHRASES[change](name);
}

function acted(entry: Extract<TimelineEntry, { type: "CustomerActed" }>): string {
  const { name, at, attributes } = entry.data.activity;
  const said = attributes.map((one) => `${one.name} ${valueWords(one.value)}`).join(", ");
  // A product may tell of it long after: the line stands where we heard of it.
  const late = Date.parse(entry.at) - Date.parse(at) > LATE_MS;
  const when = late ? ` on ${fullTime(at)}` : "";
  return `did “${name}” in the product${when}${said ? ` (${said})` : ""}`;
}

function dialed(entry: Extract<TimelineEntry, { type: "DialUpdated" }>): string {
  const { number, state, reason } = entry.data;
  if (state === "dialed") return `had Aircall call ${showHandle(number)}`;
  if (state === "unknown") return `does not know of the call to ${showHandle(number)}: ${reason}`;
  return `made no call to ${showHandle(number)}: ${reason}`;
}

function attempted(entry: Extract<TimelineEntry, { type: "CallAttempted" }>): string {
  const { attempt, outcome, note } = entry.data;
  return `noted call attempt ${attempt}: ${outcomeName(outcome).toLowerCase()} — “${note}”`;
}

const REFUSED: Record<string, string> = {
  assign_agent: "assigned nobody",
  assign_team: "assigned no team",
  follow: "added no follower",
  block: "blocked nobody",
  set_topic: "set no topic",
  set_attribute: "set no attribute",
  add_tags: "added no tags",
  set_state: "left the state as it was",
  send_macro: "sent no automatic reply",
  create_ticket: "created no ticket",
  link_tracker: "linked no tracker",
  call_webhook: "called no webhook",
};

/** What an entry says after its actor: "assigned Email Support". Empty for what isn't shown as a line. */
export function phraseOf(entry: TimelineEntry, names: Names, now: Date): string {
  switch (entry.type) {
    case "ConversationStarted":
      return entry.data.message || entry.data.call ? "" : "started the conversation";
    case "CallRequested":
      return `asked for a call to ${showHandle(entry.data.number)}`;
    case "DialUpdated":
      return dialed(entry);
    case "CallAttempted":
      return attempted(entry);
    case "Assigned":
      return assigned(entry, names);
    case "PriorityChanged":
      return entry.data.priority ? "set priority" : "took priority off";
    case "TopicChanged":
      return entry.data.topic ? `set the topic to ${entry.data.topic}` : "cleared the topic";
    case "Tagged":
      return tagged(entry.data.added, entry.data.removed);
    case "AttributesChanged":
      return attributesChanged(entry.data.set, entry.data.cleared, names);
    case "Snoozed":
      return `snoozed until ${untilLabel(entry.data.until, now)}`;
    case "Woken":
      return entry.data.reason === "time" ? "woke it: the snooze is over" : "ended the snooze";
    case "Closed":
      return "closed the conversation";
    case "Reopened":
      return "reopened the conversation";
    case "SpamMarked":
      return entry.data.reason ? `marked it as spam: ${entry.data.reason}` : "marked it as spam";
    case "LoopStopped":
      return "did not act again: what it did had led back to it";
    case "AlertRaised":
      return `asked colleagues to have a look: “${entry.data.text}”`;
    case "CustomEventEmitted":
      return entry.data.endpoint_id
        ? `asked for a call of a webhook: ${entry.data.name}`
        : `emitted ${entry.data.name}`;
    case "ActionRefused":
      return `${REFUSED[entry.data.action] ?? "did not act"}: ${entry.data.reason}`;
    case "SpamUnmarked":
      return "took it out of spam";
    case "LinkAdded":
      return `linked ${linkName(entry.data.link, names.ticketType(entry.data.link.type_id)?.name)}`;
    case "LinkRemoved":
      return `unlinked ${linkName(entry.data.link, names.ticketType(entry.data.link.type_id)?.name)}`;
    case "SlaPolicyApplied":
      return "set the service level";
    case "SlaUpdated":
      return updateWords(entry.data, now);
    case "LinkProgressed":
      return progressed(entry, names);
    case "TicketUpdated":
      return updated(entry, names);
    case "CustomerActed":
      return acted(entry);
    case "Merged":
      return `merged it into “${entry.data.title}”`;
    case "MergeReceived":
      return `merged “${entry.data.title}” into this conversation`;
    case "Unmerged":
      return "took it out of the other conversation again";
    case "MergeReverted":
      return "took the merged conversation out again";
    case "Followed":
      return entry.by.id === entry.data.agent_id
        ? "follows this conversation"
        : `added ${names.agentName(entry.data.agent_id)} as a follower`;
    case "Unfollowed":
      return "stopped following it";
    default:
      return "";
  }
}

const JOINED: Record<JoinReason, string> = {
  new: "It began this conversation.",
  signed_reference: "It answers a message we sent: our signature in its References holds.",
  known_reference: "It refers to a message of this thread, and its sender takes part in it.",
  thread_root: "It belongs to the thread that began this conversation.",
  session: "It came in the same chat session.",
  call: "It belongs to the same phone call.",
  thread: "The channel says it is the same thread.",
};

const APART: Record<ApartReason, string> = {
  stranger: "It quotes another conversation, but its sender takes no part there.",
  unchecked: "It quotes another conversation of its sender, but nobody checks here who really sent a mail.",
  unproven: "It quotes another conversation of its sender, but nothing proves who sent it.",
  failed: "It quotes another conversation, but it was not sent by whom it says (DMARC failed).",
  forged: "It quotes a message as if it were ours, but the signature is not.",
};

export const apartWords = (apart: ApartReason): string => APART[apart];

export const joinedWords = (joined: JoinReason): string => JOINED[joined];
