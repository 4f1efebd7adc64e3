/** The JSON shapes of the services' HTTP answers and live frames, as shared/contracts declares them. */

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

/** "mine", "mentions", "created", "all", "unassigned", "spam", "team:<id>" or "brand:<id>". */
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
  kind: "customer" | "agent" | "rule" | "system" | "integration";
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
  spam?: { score: number; reasons: string[] };
  sent_at?: string | null;
  received_at: string;
}

export type CallState = "created" | "ringing" | "answered" | "ended";

export interface Call {
  call_id: string;
  direction: "inbound" | "outbound";
  state: CallState;
  number: string;
  line: string;
  line_name: string;
  agent_email: string;
  agent_name: string;
  started_at?: string | null;
  answered_at?: string | null;
  ended_at?: string | null;
  duration_s?: number | null;
  missed_reason: string;
  recording_url: string;
  voicemail_url: string;
  comments: string[];
  tags: string[];
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
  preview_from: "customer" | "agent" | "note" | "call";
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
}

export interface ConversationRow {
  head: Head;
  unread: boolean;
}

export interface ConversationPage {
  items: ConversationRow[];
  next_cursor: string | null;
  total: number;
}

export type DeliveryState = "queued" | "sent" | "delivered" | "bounced" | "failed";

/** What each kind of event says beyond who and when. */
export interface EventData {
  ConversationStarted: { message?: Message | null; call?: Call | null };
  CustomerReplied: { message: Message };
  ReplySent: { message: Message };
  NoteAdded: { entry_id: string; text: string; html: string; mentions: string[] };
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
  Snoozed: { until: string };
  Woken: { reason: "time" | "agent" };
  Closed: Record<string, never>;
  Reopened: Record<string, never>;
  SpamMarked: { reason: string };
  SpamUnmarked: Record<string, never>;
  DeliveryUpdated: { entry_id: string; state: DeliveryState; recipient: string; reason: string };
}

export type EventType = keyof EventData;

interface EntryOf<T extends EventType> {
  id: string;
  seq: number;
  type: T;
  at: string;
  by: Actor;
  decision_id?: string | null;
  data: EventData[T];
}

/** One line of the log of a conversation; the union is told apart by `type`. */
export type TimelineEntry = { [T in EventType]: EntryOf<T> }[EventType];

export interface TimelinePage {
  items: TimelineEntry[];
  has_more: boolean;
}

export interface Answer {
  head: Head;
  events: TimelineEntry[];
}

export type Permission =
  | "conversations.read"
  | "conversations.reply"
  | "conversations.edit"
  | "conversations.assign_others"
  | "rules.read"
  | "rules.write"
  | "directory.manage"
  | "operations.manage";

export interface Agent {
  agent_id: string;
  name: string;
  email: string;
  role_id: string;
  team_ids: string[];
  brand_ids: string[];
  capacity: number;
  active: boolean;
}

export interface Team {
  team_id: string;
  name: string;
  channels: string[];
}

export interface Role {
  role_id: string;
  name: string;
  permissions: Permission[];
}

export interface Brand {
  brand_id: string;
  name: string;
  color: string;
  time_zone: string;
  addresses: Address[];
  lines: string[];
  topics: string[];
  site: string;
}

export interface Directory {
  agents: Agent[];
  teams: Team[];
  roles: Role[];
  brands: Brand[];
}

export interface Me {
  agent: Agent;
  role: Role;
  permissions: Permission[];
}

export interface Session {
  access_token: string;
  expires_in_s: number;
  agent: Agent;
}

export interface InboxCounts {
  counts: Record<InboxKey, number>;
  waiting: Record<InboxKey, number>;
}

export interface TagCount {
  tag: string;
  count: number;
}

export type AgentStatus = "online" | "away" | "offline";

export interface Availability {
  agent_id: string;
  status: AgentStatus;
  reason: string;
  since?: string | null;
  load?: number;
  capacity?: number;
}

/** A live frame from the server (notifications, /live). */
export type LiveFrame =
  | { type: "ready"; id: string | null; resumed: boolean }
  | { type: "event"; id: string; event: TimelineEntry & { conversation_id: string }; head: Head }
  | { type: "availability"; id: string; agent_id: string; status: AgentStatus; reason: string; at: string }
  | { type: "resync" };

/** An error answer (RFC 9457). */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  errors?: { path: string; message: string }[];
}
