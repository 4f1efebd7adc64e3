/** The JSON shapes of the services' HTTP answers and live frames, as shared/contracts declares them. */
import type { BesideEvents, Side } from "./beside";
import type { Call } from "./calls";
import type { Activity, AttributeValue } from "./contacts";
import type { HeldReply } from "./drafts";
import type { CallEvents, CallOutcome, Dial } from "./phone";
import type { SlaTarget, SlaUpdate } from "./sla";
import type { Link } from "./tickets";

export type Channel = "email" | "chat" | "phone" | "custom";
export type ConversationStatus = "open" | "snoozed" | "closed";
export type StatusFilter = ConversationStatus | "all";
export type SortOrder =
  | "newest"
  | "oldest"
  | "started_first"
  | "started_last"
  | "waited_longest"
  | "next_sla"
  | "priority";

/** "mine", "mentions", "created", "following", "all", "unassigned", "spam", "team:<id>", "brand:<id>"; also "view:<id>". */
export type InboxKey = string;

export interface Handle {
  kind: "email" | "phone" | "visitor" | "external";
  value: string;
  name: string;
}

export interface Address {
  address: string;
  name: string;
}

/** `url` is signed and expires; an answer to an upload carries none. */
export interface Attachment {
  id: string;
  name: string;
  content_type: string;
  size_bytes: number;
  inline: boolean;
  content_id?: string | null;
  url?: string;
}

export interface Actor {
  kind: "customer" | "agent" | "rule" | "system" | "integration" | "outside";
  id: string;
  name: string;
}

export type JoinReason =
  | "new"
  | "signed_reference"
  | "known_reference"
  | "thread_root"
  | "session"
  | "call"
  | "thread";

/** Why a mail is not in the conversation that it quotes. */
export type ApartReason = "stranger" | "unchecked" | "unproven" | "failed" | "forged";

export interface Message {
  entry_id: string;
  direction: "in" | "out";
  author: Actor;
  sender?: Handle | null;
  subject: string;
  text: string;
  html?: string | null;
  quoted_text: string;
  quoted_html?: string | null;
  signature_text: string;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  reply_to?: Address | null;
  attachments: Attachment[];
  automatic?: string | null;
  joined?: JoinReason | null;
  apart?: ApartReason | null;
  spam?: { score: number; reasons: string[] };
  sent_at?: string | null;
  received_at: string;
}

export interface Head {
  id: string;
  seq: number;
  brand_id: string;
  channel: Channel;
  account: string;
  contact_id: string;
  contact_name: string;
  handle: Handle;
  subject: string;
  description: string;
  preview: string;
  preview_from: "customer" | "agent" | "note" | "call" | "side";
  status: ConversationStatus;
  snoozed_until?: string | null;
  priority: boolean;
  spam: boolean;
  team_id?: string | null;
  assignee_id?: string | null;
  topic?: string | null;
  tags: string[];
  participants: { to: Address[]; cc: Address[] };
  mentioned: string[];
  created_by?: string | null;
  started_at: string;
  last_activity_at: string;
  activity: string;
  waiting_since?: string | null;
  first_reply_at?: string | null;
  next_sla_at?: string | null;
  closed_at?: string | null;
  message_count: number;
  call?: Call | null;
  links: Link[];
  attributes: AttributeValue[];
  dial?: Dial | null;
  call_attempts: number;
  call_outcome?: CallOutcome | null;
  sides: Side[];
  /** The conversation that it is part of since they were merged; `merged_ids`: those that are part of this one. */
  merged_into?: string | null;
  merged_ids: string[];
  followers: string[];
  sla?: SlaTarget[];
  sla_policy_id?: string | null;
}

export interface ConversationRow {
  head: Head;
  /** As the server said it last, where `head` shows what is not answered yet. */
  told?: Head;
  unread: boolean;
}

export interface ConversationPage {
  items: ConversationRow[];
  next_cursor: string | null;
  /** Null: too many to be counted quickly. */
  total: number | null;
}

export type DeliveryState = "queued" | "sent" | "delivered" | "bounced" | "failed";

/** What colleagues did to a linked ticket, or time did. */
export type TicketChange = "assigned" | "commented" | "edited" | "due" | "sla_warned" | "sla_breached";

/** What each kind of event says beyond who and when. */
export interface EventData extends CallEvents, BesideEvents {
  ConversationStarted: { message?: Message | null; call?: Call | null };
  CustomerReplied: { message: Message };
  ReplySent: { message: Message };
  NoteAdded: {
    entry_id: string;
    text: string;
    html: string;
    mentions: string[];
    teams?: string[];
    attachments?: Attachment[];
  };
  CallUpdated: { step: string; call: Call };
  Assigned: {
    team_id: string | null;
    assignee_id: string | null;
    previous_team_id: string | null;
    previous_assignee_id: string | null;
    reason: string;
  };
  PriorityChanged: { priority: boolean };
  TopicChanged: { topic: string | null };
  Tagged: { added: string[]; removed: string[] };
  AttributesChanged: { set: AttributeValue[]; cleared: string[] };
  Snoozed: { until: string };
  Woken: { reason: "time" | "agent" };
  Closed: Record<string, never>;
  Reopened: Record<string, never>;
  AlertRaised: { alert_id: string; text: string };
  CustomEventEmitted: {
    custom_id: string;
    name: string;
    attributes: AttributeValue[];
    endpoint_id?: string | null;
  };
  ActionRefused: { action: string; code: string; reason: string };
  LoopStopped: { rule: { id: string; name: string; version: number }; chain: string[] };
  SpamMarked: { reason: string };
  SpamUnmarked: Record<string, never>;
  DeliveryUpdated: { entry_id: string; state: DeliveryState; recipient: string; reason: string };
  LinkAdded: { link: Link };
  LinkRemoved: { link: Link };
  SlaPolicyApplied: { policy_id: string };
  SlaUpdated: SlaUpdate;
  LinkProgressed: { link: Link; label: string; text: string; entry_id: string };
  CustomerActed: { activity: Activity };
  TicketUpdated: { link: Link; change: TicketChange };
}

export type EventType = keyof EventData;

interface EntryOf<T extends EventType> {
  id: string;
  seq: number;
  type: T;
  at: string;
  by: Actor;
  decision_id?: string | null;
  /** The conversation that it happened in, when that was merged into the one that is shown. */
  of?: string;
  data: EventData[T];
}

/** One line of the log of a conversation; the union is told apart by `type`. */
export type TimelineEntry = { [T in EventType]: EntryOf<T> }[EventType];

export interface TimelinePage {
  items: TimelineEntry[];
  has_more: boolean;
}

/** `src` as it stands in the message's HTML, `url` a link to it through our own server. */
export interface RemoteImages {
  items: { src: string; url: string }[];
  expires_at: string;
}

/** `held`: nothing happened yet, the reply can still be taken back. */
export interface Answer {
  head: Head;
  events: TimelineEntry[];
  held?: HeldReply | null;
}

export interface InboxCounts {
  counts: Record<InboxKey, number>;
  waiting: Record<InboxKey, number>;
}

export interface TagCount {
  tag: string;
  count: number;
}
