/** Who works at the desk, for which brands and with which rights, as the services answer. */
import type { Attribute } from "./contacts";
import type { TicketType } from "./tickets";
import type { Address } from "./types";

export type Permission =
  | "conversations.read"
  | "conversations.reply"
  | "conversations.edit"
  | "conversations.assign_others"
  | "conversations.merge"
  | "rules.read"
  | "rules.write"
  | "rules.publish"
  | "directory.manage"
  | "operations.manage"
  | "tickets.read"
  | "tickets.write"
  | "contacts.read"
  | "contacts.write"
  | "macros.write"
  | "macros.publish"
  | "dashboard.read";

/** Of a channel at most so many; null: as many as there is room for, 0: none. */
export interface Capacities {
  email?: number | null;
  chat?: number | null;
  phone?: number | null;
  custom?: number | null;
}

/** `languages` (BCP 47) and `skills` are their own, besides those of their teams. */
export interface Agent {
  agent_id: string;
  seq: number;
  name: string;
  email: string;
  role_id: string;
  team_ids: string[];
  brand_ids: string[];
  capacity: number;
  capacities: Capacities;
  languages: string[];
  skills: string[];
  active: boolean;
}

export const WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
export type Weekday = (typeof WEEK)[number];

/** "HH:MM"; `closes` may be "24:00". */
export interface OpenHours {
  day: Weekday;
  opens: string;
  closes: string;
}

export interface Team {
  team_id: string;
  seq: number;
  name: string;
  channels: string[];
  /** None: always. */
  hours?: { time_zone: string; open: OpenHours[] } | null | undefined;
  languages: string[];
  skills: string[];
}

export interface Role {
  role_id: string;
  seq: number;
  name: string;
  permissions: Permission[];
  channels: string[];
  own_teams_only: boolean;
  second_factor: boolean;
}

/** `active` false: nothing new comes in for it. */
export interface Brand {
  brand_id: string;
  seq: number;
  name: string;
  color: string;
  time_zone: string;
  addresses: Address[];
  lines: string[];
  topics: string[];
  site: string;
  messenger: { greeting: string; answers_in: string };
  spam: { enabled: boolean; threshold: number; allowed: string[]; blocked: string[] };
  active: boolean;
}

export interface DeskSettings {
  seq: number;
  away_reasons: string[];
}

/** An app of an integrator's, beside conversations: their page in a frame, or a card of what their server says. */
export interface App {
  app_id: string;
  seq: number;
  name: string;
  kind: "frame" | "card";
  url: string;
  brand_ids: string[];
  /** Of a frame, in pixels. */
  height: number;
  active: boolean;
}

export interface AppCard {
  text: string;
  fields: { label: string; value: string; url: string | null }[];
  links: { label: string; url: string }[];
}

export interface Directory {
  agents: Agent[];
  teams: Team[];
  roles: Role[];
  brands: Brand[];
  ticket_types: TicketType[];
  attributes: Attribute[];
  apps: App[];
  settings: DeskSettings;
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
  /** Told once, when an authenticator app was confirmed by signing in. */
  recovery_codes?: string[] | null;
}

export type AgentStatus = "online" | "away" | "offline";

/** What happens to customers' new replies while their agent is away. */
export type NewReplies = "hold" | "reassign";

/** `time_zone` is "" for one who hides where they are; `hides_location` is told of oneself alone. */
export interface Availability {
  agent_id: string;
  status: AgentStatus;
  reason: string;
  since?: string | null;
  load?: number;
  capacity?: number;
  replies?: NewReplies;
  time_zone?: string;
  hides_location?: boolean;
}
