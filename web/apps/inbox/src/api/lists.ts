/** The JSON shapes of lists: what narrows one, saved views, the sidebar, actions on many. */
import type { TicketState } from "./tickets";
import type { Channel, InboxKey, SortOrder, StatusFilter } from "./types";

/**
 * "none": those that have none; an assignee may be "me". Every one of `tags` must be on it. `ticket`: the state of a
 * ticket or tracker that it is linked to.
 */
export interface Narrowing {
  brand?: string | null;
  team?: string | null;
  assignee?: string | null;
  tags?: string[];
  channel?: Channel | null;
  topic?: string | null;
  priority?: boolean | null;
  ticket?: TicketState | null;
}

export interface Narrowed extends Narrowing {
  inbox?: InboxKey;
  status?: StatusFilter;
}

/** `mine`: it may be changed. `team_id`: the team that has it too. */
export interface View {
  id: string;
  name: string;
  filter: Narrowed;
  sort: SortOrder;
  team_id: string | null;
  mine: boolean;
}

/** Inboxes by name; one in neither is where it is by itself. */
export interface Sidebar {
  pinned: string[];
  unpinned: string[];
  changed: boolean;
}

export type BulkAction =
  | { kind: "close" | "reopen" | "wake" }
  | { kind: "snooze"; until: string }
  | { kind: "tags"; add: string[]; remove: string[] }
  | { kind: "assign"; team_id?: string | null; assignee_id?: string | null }
  | { kind: "priority"; priority: boolean }
  | { kind: "spam"; spam: boolean };

export interface BulkFailure {
  conversation_id: string;
  code: string;
  message: string;
}

export interface BulkJob {
  id: string;
  action: Record<string, unknown>;
  state: "running" | "finished";
  total: number;
  done: number;
  changed: number;
  unchanged: number;
  failed: number;
  failures: BulkFailure[];
  can_undo: boolean;
  undo_of: string | null;
  created_at: string;
  finished_at: string | null;
}
