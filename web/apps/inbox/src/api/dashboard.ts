/** The JSON shapes of the dashboard (tickets) and of time in each status (routing). */
import type { AgentStatus } from "./people";
import type { Channel, Head } from "./types";

/** Open conversations; in `waiting` of them a customer waits, the longest since `oldest_waiting`. */
export interface Now {
  open: number;
  waiting: number;
  oldest_waiting: string | null;
}

export interface Durations {
  count: number;
  median_s: number | null;
  p90_s: number | null;
}

export interface Today {
  new: number;
  closed: number;
  replies: number;
  first_response: Durations;
  resolution: Durations;
}

export interface OfPlace {
  /** A team ("" for none), a brand or a channel. */
  id: string;
  now: Now;
  unassigned: Now;
  today: Today;
}

/** `capacity`: so many of the channel at most are assigned by themselves; null: as many as there is room for. */
export interface OfChannel {
  channel: Channel;
  open: number;
  capacity: number | null;
}

export interface OfAgent {
  agent_id: string;
  now: Now;
  load: OfChannel[];
  closed: number;
  replies: number;
}

export interface Dashboard {
  at: string;
  everything: { now: Now; unassigned: Now; today: Today };
  agents: OfAgent[];
  teams: OfPlace[];
  brands: OfPlace[];
  channels: (OfPlace & { id: Channel })[];
  late: Head[];
  targets: Head[];
}

export interface Spent {
  status: AgentStatus;
  reason: string;
  duration_ms: number;
}

export interface History {
  agent_id: string;
  time_zone: string;
  days: { day: string; spent: Spent[] }[];
}
