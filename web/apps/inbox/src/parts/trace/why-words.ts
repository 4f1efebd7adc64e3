/** What made routing look at a conversation, in words. Pure. */
import type { Decision } from "@/data/decisions";
import { lengthWords } from "@/lib/durations";

const TRIGGERS: Record<string, string> = {
  ConversationStarted: "The conversation began.",
  CustomerReplied: "The customer wrote.",
  CustomerActed: "The customer did something in the product.",
  ReplySent: "An agent answered.",
  NoteAdded: "A note was added.",
  Mentioned: "A note mentioned somebody.",
  SideStarted: "An agent began a side conversation.",
  SideReplySent: "An agent wrote again in a side conversation.",
  SideReplyReceived: "Somebody answered in a side conversation.",
  MergeReceived: "Another conversation was merged into it.",
  Unmerged: "It was taken out of the one that it was merged into.",
  Reopened: "The conversation was reopened.",
  Woken: "The snooze ended.",
  Assigned: "It was assigned.",
  CallUpdated: "The call moved on.",
  SlaWarned: "A service level was nearly missed.",
  SlaBreached: "A service level was missed.",
  SlaMet: "A service level was met.",
  LinkProgressed: "Its ticket moved on.",
  TicketSubmitted: "A ticket was created for it.",
  TicketStateChanged: "The state of its ticket changed.",
  TicketResolved: "Its ticket was resolved.",
  TicketAssigned: "Its ticket was assigned.",
  TicketCommented: "Its ticket was commented on.",
  TicketFieldsChanged: "Its ticket was edited.",
  TicketDueChanged: "The due time of its ticket changed.",
  TicketSlaWarned: "The time to resolve its ticket was nearly over.",
  TicketSlaBreached: "The time to resolve its ticket was over.",
  ActionRefused: "Something that was decided could not be done.",
  NotAnswered: "Its agent did not answer in time.",
  TimePassed: "The time that the rule asks for had come.",
  ClockStruck: "A time of the clock that the rule names had come.",
};

/** "CustomerReplied" as a sentence; an event we have no words for is named in lower case. `after`: it waited so long. */
export function triggerWords(event: string, after = ""): string {
  const words =
    TRIGGERS[event] ?? `It was looked at after: ${event.replace(/(?<!^)([A-Z])/g, " $1").toLowerCase()}.`;
  return after ? `${words} The rule then waited ${lengthWords(after)} and was asked again.` : words;
}

const DOINGS: Record<string, string> = {
  assign_team: "assigned a team",
  assign_agent: "assigned an agent",
  unassign: "took it from who had it",
  follow: "added followers",
  set_priority: "changed the priority",
  add_tags: "added tags",
  remove_tags: "removed tags",
  set_topic: "set the topic",
  set_attribute: "set an attribute",
  mark_spam: "marked it as spam",
  block: "blocked the customer",
  write_note: "wrote a note",
  set_state: "changed the state",
  report_loop: "stopped a rule that led to itself",
  apply_sla: "set the service level",
  notify: "told colleagues",
  send_macro: "answered the customer",
  create_ticket: "created a ticket",
  link_tracker: "linked a tracker",
  emit_event: "emitted an event",
  call_webhook: "called a webhook",
};

/** What came of a decision: "Assigned a team, added tags. Nobody in Email Support is online." */
export function outcomeWords({ actions, waiting, waits, rules }: Decision): string {
  const done = actions.map(({ kind }) => DOINGS[kind] ?? kind.replaceAll("_", " "));
  const parts = done.length ? [sentence([...new Set(done)].join(", "))] : [];
  if (waiting) parts.push(sentence(waiting));
  if (waits.length)
    parts.push(`${waits.length === 1 ? "A rule waits" : "Rules wait"} and will be asked again.`);
  if (parts.length) return parts.join(" ");
  return rules.some((rule) => rule.matched) ? "All was as the rules want it." : "No rule matched.";
}

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
