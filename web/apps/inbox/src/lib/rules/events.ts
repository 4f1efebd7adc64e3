/** The events that rules begin with, by human names. Pure. */

interface EventWords {
  /** In a list of choices. */
  label: string;
  /** After "when". */
  clause: string;
  group: string;
}

const MESSAGES = "Messages";
const STATE = "The conversation";
const LINKS = "Tickets and links";
const CALLS = "Calls";
const PRODUCT = "Product";
const TIME = "Time and service levels";

const WORDS: Record<string, EventWords> = {
  ConversationStarted: { label: "Conversation started", clause: "a conversation starts", group: MESSAGES },
  CustomerReplied: { label: "Customer replied", clause: "the customer replies", group: MESSAGES },
  ReplySent: { label: "Agent replied", clause: "an agent replies", group: MESSAGES },
  NoteAdded: { label: "Note added", clause: "a note is added", group: MESSAGES },
  Mentioned: { label: "Somebody mentioned", clause: "a note mentions somebody", group: MESSAGES },
  SideStarted: {
    label: "Side conversation begun",
    clause: "an agent begins a side conversation",
    group: MESSAGES,
  },
  SideReplySent: {
    label: "Further mail in a side conversation",
    clause: "an agent writes again in a side conversation",
    group: MESSAGES,
  },
  SideReplyReceived: {
    label: "Answer in a side conversation",
    clause: "somebody answers in a side conversation",
    group: MESSAGES,
  },
  DeliveryUpdated: {
    label: "Delivery of a reply changed",
    clause: "a reply is delivered or fails",
    group: MESSAGES,
  },
  Assigned: { label: "Assigned", clause: "it is assigned", group: STATE },
  PriorityChanged: { label: "Priority changed", clause: "its priority changes", group: STATE },
  TopicChanged: { label: "Topic changed", clause: "its topic changes", group: STATE },
  Tagged: { label: "Tags changed", clause: "its tags change", group: STATE },
  AttributesChanged: { label: "Attributes changed", clause: "its attributes change", group: STATE },
  Snoozed: { label: "Snoozed", clause: "it is snoozed", group: STATE },
  Woken: { label: "Snooze ended", clause: "its snooze ends", group: STATE },
  Closed: { label: "Closed", clause: "it is closed", group: STATE },
  Reopened: { label: "Reopened", clause: "it is reopened", group: STATE },
  SpamMarked: { label: "Marked as spam", clause: "it is marked as spam", group: STATE },
  SpamUnmarked: { label: "Not spam after all", clause: "it is taken out of spam", group: STATE },
  MergeReceived: {
    label: "Another one merged into it",
    clause: "another conversation is merged into it",
    group: STATE,
  },
  Unmerged: {
    label: "Taken out of another one",
    clause: "it is taken out of the one that it was merged into",
    group: STATE,
  },
  LinkAdded: { label: "Ticket or link added", clause: "a ticket or link is added", group: LINKS },
  LinkRemoved: { label: "Ticket or link removed", clause: "a ticket or link is removed", group: LINKS },
  LinkProgressed: {
    label: "Linked ticket moved on, or a tracker has news",
    clause: "a linked ticket moves on or a tracker has news",
    group: LINKS,
  },
  TicketSubmitted: { label: "Ticket created", clause: "a ticket is created for it", group: LINKS },
  TicketStateChanged: {
    label: "Ticket’s state changed",
    clause: "the state of its ticket changes",
    group: LINKS,
  },
  TicketResolved: { label: "Ticket resolved", clause: "its ticket is resolved", group: LINKS },
  TicketAssigned: { label: "Ticket assigned", clause: "its ticket is assigned", group: LINKS },
  TicketCommented: { label: "Ticket commented on", clause: "its ticket is commented on", group: LINKS },
  TicketFieldsChanged: { label: "Ticket edited", clause: "its ticket is edited", group: LINKS },
  TicketDueChanged: {
    label: "Ticket’s due time changed",
    clause: "the due time of its ticket changes",
    group: LINKS,
  },
  CustomerActed: {
    label: "Something the customer did in the product",
    clause: "the customer does something in the product",
    group: PRODUCT,
  },
  TicketSlaWarned: {
    label: "Ticket’s service level nearly missed",
    clause: "the time to resolve its ticket is nearly over",
    group: TIME,
  },
  TicketSlaBreached: {
    label: "Ticket’s service level missed",
    clause: "the time to resolve its ticket is over",
    group: TIME,
  },
  CallUpdated: {
    label: "Call rang, was answered or ended",
    clause: "a call rings, is answered or ends",
    group: CALLS,
  },
  CallAttempted: { label: "Call attempt noted", clause: "a call attempt is noted", group: CALLS },
  TimePassed: { label: "Time passed", clause: "the time that it asks for has come", group: TIME },
  ClockStruck: { label: "At a time of the clock", clause: "the clock strikes", group: TIME },
  SlaWarned: {
    label: "Service level nearly missed",
    clause: "a service level is nearly missed",
    group: TIME,
  },
  SlaBreached: { label: "Service level missed", clause: "a service level is missed", group: TIME },
  SlaMet: { label: "Service level met", clause: "a service level is met", group: TIME },
};

const GROUPS = [MESSAGES, STATE, PRODUCT, LINKS, CALLS, TIME];
const OTHERS = "Others";

/** "TicketClosed" → "Ticket closed": an event that this page has no words for. */
function split(event: string): string {
  const words = event.replace(/(?<=[a-z\d])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const eventLabel = (event: string): string => WORDS[event]?.label ?? split(event);

export const eventClause = (event: string): string => WORDS[event]?.clause ?? `“${split(event)}” happens`;

export interface Choices {
  group: string;
  items: { value: string; label: string }[];
}

/** Those that there are, by what they are about. */
export function eventChoices(events: readonly string[]): Choices[] {
  const groupOf = (event: string): string => WORDS[event]?.group ?? OTHERS;
  return [...GROUPS, OTHERS]
    .map((group) => ({
      group,
      items: events
        .filter((event) => groupOf(event) === group)
        .map((event) => ({ value: event, label: eventLabel(event) })),
    }))
    .filter(({ items }) => items.length > 0);
}
