/** What rules, SLA policies and macros have in common: versions with a way from draft to published to retired. */

export type State = "draft" | "in_review" | "approved" | "scheduled" | "published" | "retired" | "replaced";

/** Who has the new version: so many in a hundred conversations, of these teams and brands (empty: all). */
export interface Rollout {
  percentage: number;
  team_ids: string[];
  brand_ids: string[];
}

export interface Approval {
  by: string;
  at: string;
  comment: string;
}

/**
 * At one version. `published`: the version in force; `before`: the one in force for whom the rollout leaves out.
 * `authors` wrote a part of what is new, and may not approve it.
 */
export interface Standing {
  state: State;
  owner_id: string;
  authors: string[];
  published: number | null;
  before: number | null;
  rollout: Rollout | null;
  publish_at: string | null;
  approvals: Approval[];
  approvals_needed: number;
  rationale: string;
}

export interface Governed {
  id: string;
  version: number;
  saved_at: string;
  saved_by: string;
  standing: Standing;
}

/** `by` empty: the desk itself. */
export interface Happened {
  at: string;
  by: string;
  act: string;
  version: number;
  text: string;
}

/** What a kind asks for before one is in force. */
export interface Terms {
  approvals: number;
  approver_role_ids: string[];
}
