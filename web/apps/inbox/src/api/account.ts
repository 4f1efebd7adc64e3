/** Signing in and what belongs to one's own account, as the tickets service answers. */

/** How one may sign in beside a password. */
export interface Ways {
  oidc: { name: string } | null;
}

/** What an authenticator app is set up with; `picture` is the address of an image. */
export interface Enrolment {
  secret: string;
  link: string;
  picture: string;
}

/** Whom a link is for. */
export interface LinkFor {
  kind: "reset" | "invitation";
  name: string;
  email: string;
  expires_at: string;
}

export interface SessionRow {
  id: string;
  created_at: string;
  last_used_at: string;
  address: string;
  browser: string;
  current: boolean;
}

export interface SecondFactor {
  on: boolean;
  required: boolean;
  recovery_codes_left: number;
}

/** How an agent signs in, for who looks after them. */
export interface Account {
  agent_id: string;
  has_password: boolean;
  second_factor: boolean;
  linked: boolean;
  invited_until: string | null;
  last_seen_at: string | null;
}

/** A link that is told once. */
export interface SecretLink {
  link: string;
  expires_at: string;
}
