/** The JSON shapes of contacts, segments and attributes, as shared/contracts declares them. */
import type { FieldValue } from "./tickets";
import type { Actor, Head } from "./types";

export interface AttributeValue {
  id: string;
  value: FieldValue;
}

export interface Money {
  currency: string;
  minor: number;
}

export interface Contact {
  id: string;
  seq: number;
  name: string;
  emails: string[];
  phones: string[];
  visitor_ids: string[];
  external_ids: string[];
  brand_ids: string[];
  kind: "lead" | "user";
  language: string;
  time_zone: string;
  location: string;
  attributes: AttributeValue[];
  lifetime_revenue?: Money | null;
  last_purchase_at?: string | null;
  blocked?: { reason: string; at: string; by: string } | null;
  merged_ids: string[];
  created_at: string;
  updated_at: string;
}

export interface MergedContact {
  id: string;
  name: string;
  emails: string[];
  phones: string[];
  at: string;
  undo_until: string;
}

export interface ContactAnswer {
  contact: Contact;
  merged: MergedContact[];
}

/** The fields of a profile that an edit names. */
export interface ProfileEdit {
  name?: string;
  emails?: string[];
  phones?: string[];
  kind?: "lead" | "user";
  language?: string;
  time_zone?: string;
  location?: string;
  lifetime_revenue?: Money | null;
  last_purchase_at?: string | null;
  attributes?: Record<string, FieldValue | null>;
}

export interface ContactPage {
  items: Contact[];
  next_cursor: string | null;
  more: boolean;
}

/** One thing that happened to a contact; `by` null: the customer did it, or the system for them. */
export interface ContactEntry {
  id: string;
  seq: number;
  contact_id: string;
  type: string;
  at: string;
  by: Actor | null;
  values: Record<string, unknown>;
  data: Record<string, unknown>;
}

export interface ContactConversations {
  items: Head[];
}

/** One thing that somebody did in a brand's product. */
export interface Activity {
  name: string;
  at: string;
  attributes: { name: string; value: FieldValue }[];
}

/** Newest first; `more`: there are further ones. */
export interface ContactActivities {
  items: { id: string; brand_id: string; activity: Activity }[];
  more: boolean;
  last_seen_at: string | null;
}

/** An attribute that the desk gives its contacts or conversations. */
export interface Attribute {
  attribute_id: string;
  seq: number;
  applies_to: "contact" | "conversation";
  label: string;
  type: "text" | "long_text" | "number" | "choice" | "date" | "yes_no" | "url";
  options: string[];
  help: string;
  required: boolean;
  brand_ids: string[];
  active: boolean;
}

export type ConditionField =
  | "name"
  | "email"
  | "email_domain"
  | "phone"
  | "kind"
  | "language"
  | "time_zone"
  | "location"
  | "brand"
  | "created_at"
  | "last_purchase_at"
  | "lifetime_revenue"
  | "blocked"
  | "conversations"
  | "unclosed_conversations"
  | "first_wrote_at"
  | "last_wrote_at"
  | "last_answered_at"
  | "talked_on_channel"
  | "talked_with_brand"
  | "talked_about_topic"
  | "talked_with_tag"
  | "ticket_type"
  | "open_ticket"
  | "did"
  | "attribute";

export type ConditionOperator =
  | "is"
  | "is_not"
  | "contains"
  | "starts_with"
  | "greater"
  | "less"
  | "before"
  | "after"
  | "within_days"
  | "not_within_days"
  | "is_set"
  | "is_empty";

export interface Condition {
  field: ConditionField;
  attribute_id: string;
  /** The name of what they did in a product, where the condition is about that; else empty. */
  activity: string;
  operator: ConditionOperator;
  value?: FieldValue | null;
}

export interface Segment {
  segment_id: string;
  seq: number;
  name: string;
  match: "all" | "any";
  conditions: Condition[];
  created_by: string;
  active: boolean;
}

/** Counted up to 10,000; `more`: there are more than that; null: it takes too long to count. */
export interface Count {
  count: number | null;
  more: boolean;
}

export interface SegmentCount extends Count {
  segment: Segment;
}

export interface Segments {
  all: Count;
  items: SegmentCount[];
}
