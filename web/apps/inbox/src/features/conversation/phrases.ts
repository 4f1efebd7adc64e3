/** What happened, in words. Pure: names are passed in. */
import type { Actor, JoinReason, TimelineEntry } from "@/api/types";
import type { Names } from "@/data/directory";
import { untilLabel } from "@/lib/time";

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
  if (!assignee_id && previous_assignee_id) return `unassigned ${names.agentName(previous_assignee_id)}`;
  if (!team_id && previous_team_id) return `took it from ${names.teamName(previous_team_id)}`;
  return "assigned it again";
}

function tagged(added: readonly string[], removed: readonly string[]): string {
  const parts: string[] = [];
  if (added.length) parts.push(`added tag${added.length > 1 ? "s" : ""} ${quoted(added)}`);
  if (removed.length) parts.push(`removed tag${removed.length > 1 ? "s" : ""} ${quoted(removed)}`);
  return parts.join(" and ");
}

/** What an entry says after its actor: "assigned Email Support". Empty for what isn't shown as a line. */
export function phraseOf(entry: TimelineEntry, names: Names, now: Date): string {
  switch (entry.type) {
    case "ConversationStarted":
      return entry.data.message || entry.data.call ? "" : "started the conversation";
    case "Assigned":
      return assigned(entry, names);
    case "PriorityChanged":
      return entry.data.priority ? "set priority" : "took priority off";
    case "TopicChanged":
      return entry.data.topic ? `set the topic to ${entry.data.topic}` : "cleared the topic";
    case "Tagged":
      return tagged(entry.data.added, entry.data.removed);
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
    case "SpamUnmarked":
      return "took it out of spam";
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

export const joinedWords = (joined: JoinReason): string => JOINED[joined];
