/** Service levels: what a conversation shows of its targets, and the policies and calendars behind them. */
import type { ConditionGroup } from "./conditions";
import type { Governed } from "./governed";

export type SlaKind = "first_response" | "next_response" | "close" | "resolution";

/** A target that was not reached yet. `due_at` null: it stands still, and `left_s` of working time remain. */
export interface SlaTarget {
  kind: SlaKind;
  state: "running" | "paused" | "warned" | "breached";
  policy: { id: string; name: string; version: number };
  goal_s: number;
  started_at: string;
  due_at?: string | null;
  warn_at?: string | null;
  left_s?: number | null;
}

export interface SlaUpdate {
  change: "started" | "paused" | "resumed" | "policy" | "warned" | "breached" | "met" | "ended";
  target: SlaTarget;
  late: boolean;
}

export interface PolicyEdit {
  name: string;
  enabled: boolean;
  brand_ids: string[];
  if: ConditionGroup | null;
  calendar_id: string | null;
  first_response_s: number | null;
  next_response_s: number | null;
  close_s: number | null;
  ticket_if: ConditionGroup | null;
  resolution_s: number | null;
  warn_percent: number;
  pauses: ("snoozed" | "waiting_on_customer")[];
}

/** What is kept with versions; `seq` is its version, as forms know it. */
export interface Kept {
  id: string;
  version: number;
  seq: number;
}

export type Policy = PolicyEdit & Kept & Governed;

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export interface Hours {
  opens: string;
  closes: string;
}

export interface OwnDay {
  date: string;
  name: string;
  hours: Hours[];
}

export interface CalendarEdit {
  name: string;
  time_zone: string;
  hours: (Hours & { day: Weekday })[];
  country: string;
  region: string;
  days: OwnDay[];
}

export type Calendar = CalendarEdit & Kept;

export interface Preview {
  started_at: string;
  open: boolean;
  goals: { goal_s: number; warn_at: string; due_at: string }[];
}
