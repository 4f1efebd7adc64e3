/** The JSON shapes of tickets and their types, as shared/contracts declares them. */
import type { SlaTarget, SlaUpdate } from "./sla";
import type { Actor, Channel, ConversationStatus } from "./types";

export type TicketState = "submitted" | "in_progress" | "waiting_on_customer" | "resolved";
export type TicketKind = "back_office" | "tracker";

/** What belongs to a conversation besides itself; `state`, `type_id` and `number` for tickets and trackers. */
export interface Link {
  kind: "ticket" | "tracker" | "conversation" | "url";
  id: string;
  title: string;
  url: string;
  type_id: string;
  number: number;
  seq: number;
  state?: TicketState | null;
}

export type FieldValue = string | number | boolean;

export interface TicketHead {
  id: string;
  seq: number;
  number: number;
  kind: TicketKind;
  type_id: string;
  brand_id?: string | null;
  title: string;
  state: TicketState;
  fields: { id: string; value: FieldValue }[];
  contact_id?: string | null;
  contact_name: string;
  team_id?: string | null;
  assignee_id?: string | null;
  created_by?: string | null;
  created_at: string;
  updated_at: string;
  state_since: string;
  time_in: { state: TicketState; seconds: number }[];
  due_at?: string | null;
  resolved_at?: string | null;
  report_count: number;
  comment_count: number;
  last_comment: string;
  sla?: SlaTarget | null;
}

export interface FieldDefinition {
  id: string;
  label: string;
  type: "text" | "long_text" | "number" | "choice" | "date" | "yes_no" | "url";
  options: string[];
  needed: "no" | "to_submit" | "to_resolve";
  help: string;
}

export interface TicketType {
  type_id: string;
  seq: number;
  name: string;
  kind: TicketKind;
  color: string;
  team_id?: string | null;
  fields: FieldDefinition[];
  one_per: string[];
  customer: { state: TicketState; label: string; message: string }[];
  due_hours?: number | null;
  active: boolean;
}

/** What each kind of a ticket's event says beyond who and when. */
export interface TicketEventData {
  TicketSubmitted: Record<string, never>;
  TicketStateChanged: { state: TicketState; previous_state: TicketState };
  TicketAssigned: { team_id: string | null; assignee_id: string | null };
  TicketFieldsChanged: { title: string; changed: string[]; fields: { id: string; value: FieldValue }[] };
  TicketDueChanged: { due_at: string | null };
  TicketCommented: { entry_id: string; text: string; html: string };
  TicketLinked: { conversation_id: string };
  TicketUnlinked: { conversation_id: string };
  UpdatePosted: { entry_id: string; text: string; html: string; reply: "none" | "all" | "chosen" };
  TicketSlaUpdated: SlaUpdate;
}

interface TicketEntryOf<T extends keyof TicketEventData> {
  id: string;
  seq: number;
  type: T;
  at: string;
  by: Actor;
  data: TicketEventData[T];
}

export type TicketEntry = { [T in keyof TicketEventData]: TicketEntryOf<T> }[keyof TicketEventData];

export interface TicketAnswer {
  head: TicketHead;
  events: TicketEntry[];
}

export interface LinkedConversation {
  id: string;
  subject: string;
  contact_name: string;
  channel: Channel;
  brand_id: string;
  status: ConversationStatus;
}
