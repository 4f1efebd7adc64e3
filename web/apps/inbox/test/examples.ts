/** Small, complete examples that tests bend to their case. */
import type { Side } from "@/api/beside";
import type { Contact } from "@/api/contacts";
import type { Standing } from "@/api/governed";
import type { TicketHead } from "@/api/tickets";
import type { Actor, EventData, EventType, Head, Message, TimelineEntry } from "@/api/types";

export const customer: Actor = { kind: "customer", id: "", name: "Rosa" };
export const maya: Actor = { kind: "agent", id: "maya", name: "Maya Chen" };
export const rule: Actor = { kind: "rule", id: "r1", name: "VIP first" };

export function head(part: Partial<Head> = {}): Head {
  return {
    id: "c1",
    seq: 1,
    brand_id: "paleo-hacks",
    channel: "email",
    account: "support@paleohacks.example",
    contact_id: "p1",
    contact_name: "Rosa",
    handle: { kind: "email", value: "rosa@mail.example", name: "Rosa" },
    subject: "Order",
    description: "",
    preview: "",
    preview_from: "customer",
    status: "open",
    priority: false,
    spam: false,
    team_id: null,
    assignee_id: null,
    tags: [],
    participants: { to: [], cc: [] },
    mentioned: [],
    started_at: "2026-03-02T08:00:00Z",
    last_activity_at: "2026-03-02T09:00:00Z",
    activity: "CustomerReplied",
    message_count: 1,
    links: [],
    attributes: [],
    call_attempts: 0,
    sides: [],
    merged_ids: [],
    followers: [],
    ...part,
  };
}

export function message(part: Partial<Message> = {}): Message {
  return {
    entry_id: "m1",
    direction: "in",
    author: customer,
    subject: "",
    text: "Hello",
    quoted_text: "",
    signature_text: "",
    to: [],
    cc: [],
    bcc: [],
    attachments: [],
    received_at: "2026-03-02T09:00:00Z",
    ...part,
  };
}

export function entry<T extends EventType>(
  seq: number,
  type: T,
  data: EventData[T],
  part: Partial<Pick<TimelineEntry, "at" | "by" | "decision_id">> = {},
): TimelineEntry {
  const at = new Date(Date.UTC(2026, 2, 2, 9, 0, seq)).toISOString();
  return { id: `e${seq}`, seq, type, at, by: customer, data, ...part } as TimelineEntry;
}

/** A version in force for everybody, where nothing else is said. */
export const standing = (part: Partial<Standing>): Standing => ({
  state: "published",
  owner_id: "maya",
  authors: [],
  published: 3,
  before: null,
  rollout: null,
  publish_at: null,
  approvals: [],
  approvals_needed: 0,
  rationale: "",
  ...part,
});

export const contact = (part: Partial<Contact> = {}): Contact => ({
  id: "p1",
  seq: 4,
  name: "Ada Byron",
  emails: ["ada@home.example"],
  phones: [],
  visitor_ids: [],
  external_ids: [],
  brand_ids: ["paleo-hacks"],
  kind: "user",
  language: "",
  time_zone: "",
  location: "",
  attributes: [],
  merged_ids: [],
  created_at: "2026-03-02T08:00:00Z",
  updated_at: "2026-03-02T08:00:00Z",
  ...part,
});

export const ticket = (part: Partial<TicketHead> = {}): TicketHead => ({
  id: "t1",
  seq: 1,
  number: 7,
  kind: "back_office",
  type_id: "refund",
  title: "Refund Rosa",
  state: "submitted",
  fields: [{ id: "order", value: "1001" }],
  contact_name: "Rosa",
  created_at: "2026-03-02T08:00:00Z",
  updated_at: "2026-03-02T08:00:00Z",
  state_since: "2026-03-02T08:00:00Z",
  time_in: [],
  report_count: 0,
  comment_count: 0,
  last_comment: "",
  ...part,
});

export const side = {
  id: "s1",
  subject: "Stock",
  to: [{ name: "Dana", address: "dana@shop.example" }],
  cc: [],
  message_count: 1,
} as unknown as Side;
