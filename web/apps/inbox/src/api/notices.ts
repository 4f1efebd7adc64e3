/** What agents are told and how, as notifications answers. */
import type { Actor } from "./types";

export type NoticeKind =
  | "mention"
  | "team_mention"
  | "assigned"
  | "reply"
  | "ticket"
  | "call_missed"
  | "alert";

/** What one was told. Without `conversation_id` it is about the ticket alone. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  at: string;
  by: Actor;
  conversation_id: string | null;
  ticket_id: string | null;
  title: string;
  contact_name: string;
  excerpt: string;
  read_at: string | null;
}

/** Newest first. `unread` counts all of them, up to 100. */
export interface NoticePage {
  items: Notice[];
  next_cursor: string | null;
  unread: number;
}

export interface KindWays {
  kind: NoticeKind;
  in_app: boolean;
  desktop: boolean;
  email: boolean;
}

/** Times are "22:00:00" on the clock of `time_zone`. */
export interface QuietHours {
  start: string;
  end: string;
  time_zone: string;
}

export interface NoticePreferences {
  seq: number;
  ways: KindWays[];
  quiet: QuietHours | null;
  email_after_minutes: number;
  quiet_until: string | null;
}
