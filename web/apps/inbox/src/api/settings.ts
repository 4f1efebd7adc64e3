/** The JSON shapes of outgoing webhooks and of the list of changes, as the services declare them. */
import type { Actor } from "./types";

export interface Endpoint {
  id: string;
  name: string;
  url: string;
  event_types: string[];
  brand_ids: string[];
  reply_channels: string[];
  per_second: number;
  state: "active" | "disabled" | "deleted";
  reason: string;
  failures: number;
  failing_since: string | null;
  paused_until: string | null;
  last_status: number | null;
  last_at: string | null;
  old_secret_until: string | null;
  created_at: string;
  updated_at: string;
}

/** With what waits and what is on the dead list. */
export interface EndpointDetail extends Endpoint {
  waiting: number;
  dead: number;
  waiting_since: string | null;
}

export interface EndpointSecret extends Endpoint {
  secret: string;
}

export type CallState = "queued" | "sent" | "dead";

/** One event on its way to an endpoint; `said` is how the last answer began. */
export interface WebhookCall {
  id: string;
  event_type: string;
  subject: string;
  state: CallState;
  attempt: number;
  retry_at: string | null;
  status: number | null;
  said: string;
  reason: string;
  took_ms: number | null;
  created_at: string;
  updated_at: string;
}

export interface WebhookCalls {
  items: WebhookCall[];
  next_cursor: string | null;
}

/** `hidden`: the values are nobody's to see. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
  hidden: boolean;
}

export interface AuditAct {
  act_id: string;
  at: string;
  by: Actor;
  kind: string;
  entity_id: string;
  name: string;
  seq: number;
  made: boolean;
  changes: FieldChange[];
  /** What was done to a rule, policy or macro, to which version and why; empty for all else. */
  act?: string;
  version?: number | null;
  text?: string;
}

export interface AuditPage {
  items: AuditAct[];
  next_cursor: string | null;
}

/** A tag that is renamed, merged or taken away on all its conversations; `finished_at` null while it goes on. */
export interface TagChange {
  tag: string;
  to: string | null;
  by_name: string;
  at: string;
  changed: number;
  finished_at: string | null;
}
