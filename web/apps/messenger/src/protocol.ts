/**
 * What the loader (on the shop's page) and the panel (an iframe of our own origin) say to each other.
 * Both sides take a message only from the one window and the one origin that they expect.
 */

/** `token` is what the site's server signed for its user: ingest believes that and nothing else beside it. */
export interface User {
  token?: string;
  id?: string;
  name?: string;
  email?: string;
}

export type Theme = "light" | "dark";

/** Loader → panel. `boot` carries who the visitor is; it never travels in a URL, which servers log. */
export type ToPanel =
  | { type: "boot"; user: User | null }
  | { type: "opened" }
  | { type: "closed" }
  | { type: "forget" };

/** Panel → loader. */
export type ToHost =
  | { type: "ready" }
  | { type: "close" }
  | { type: "unread"; count: number }
  | { type: "used" }
  | { type: "forgotten" };

const MARK = "switchboard";

/** The message as it is posted, told apart from whatever else the page's scripts post. */
export function marked<M extends { type: string }>(message: M): M & { mark: string } {
  return { ...message, mark: MARK };
}

/** The parts of a MessageEvent that decide whether it is believed. */
export interface Incoming {
  data: unknown;
  origin: string;
  source: unknown;
}

/**
 * The message in an event, or null unless it came from exactly this window at exactly this origin.
 * "null" (a sandboxed or file page) is never an origin to trust.
 */
export function accept<M extends { type: string }>(
  event: Incoming,
  from: { origin: string; source: unknown },
): M | null {
  const known = from.source && event.source === from.source && event.origin === from.origin;
  const said = event.data as (M & { mark?: string }) | null;
  return known && from.origin !== "null" && said?.mark === MARK ? said : null;
}
