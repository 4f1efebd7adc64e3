/** What made routing look at a conversation, in words. Pure. */
import { lengthWords } from "@/lib/durations";

const TRIGGERS: Record<string, string> = {
  ConversationStarted: "The conversation began.",
  CustomerReplied: "The customer wrote.",
  CustomerActed: "The customer did something in the product.",
  ReplySent: "An agent answered.",
  NoteAdded: "A note was added.",
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
  NotAnswered: "Its agent did not answer in time.",
  TimePassed: "The time that the rule asks for had come.",
};

/** "CustomerReplied" as a sentence; an event we have no words for is named in lower case. `after`: it waited so long. */
export function triggerWords(event: string, after = ""): string {
  const words =
    TRIGGERS[event] ?? `It was looked at after: ${event.replace(/(?<!^)([A-Z])/g, " $1").toLowerCase()}.`;
  return after ? `${words} The rule then waited ${lengthWords(after)} and was asked again.` : words;
}
