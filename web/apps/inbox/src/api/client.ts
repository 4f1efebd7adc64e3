/** HTTP to the services: tokens, idempotency keys and problems in one place. Knows no feature. */
import type { Session } from "./people";

/** An error answer (RFC 9457). */
export interface Problem {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  errors?: { path: string; message: string }[];
  /** The one that is there already, where that is why. */
  existing?: unknown;
}

/** An answer that says no. `code` is stable; the message is a sentence for the person at the screen. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: { path: string; message: string }[];
  readonly existing: unknown;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code ?? "";
    this.fields = problem.errors ?? [];
    this.existing = problem.existing;
  }
}

/** The services could not be reached at all. */
export class OfflineError extends Error {
  constructor() {
    super("Switchboard can’t be reached. Check your connection; nothing you wrote is lost.");
    this.name = "OfflineError";
  }
}

type SessionListener = (session: Session | null) => void;

let current: Session | null = null;
let refreshing: Promise<Session | null> | null = null;
let refreshTimer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<SessionListener>();

/** Called with every new session, and with null when it ended. */
export function onSession(listener: SessionListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const accessToken = (): string | null => current?.access_token ?? null;
/** Whose session it is; "" when nobody is signed in. */
export const signedInId = (): string => current?.agent.agent_id ?? "";

function adopt(session: Session | null): void {
  current = session;
  clearTimeout(refreshTimer);
  if (session) {
    // Renewed well before it ends, so that a slow network never shows.
    refreshTimer = setTimeout(() => void refresh(), session.expires_in_s * 800);
  }
  for (const listener of listeners) listener(session);
}

async function problemOf(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as Partial<Problem>;
    const title = body.title ?? `The server answered ${response.status}`;
    return new ApiError({ ...body, title, status: response.status });
  } catch {
    const title =
      response.status >= 500
        ? "Something went wrong on our side. Try again in a moment."
        : response.statusText;
    return new ApiError({ title, status: response.status });
  }
}

/** It is not there, or not for this agent. Other errors take nothing off the screen: they pass. */
export const isGone = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 404 || error.status === 403);

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted && init.signal.reason?.name !== "TimeoutError") throw error;
    throw new OfflineError();
  }
}

/** Ask something that needs no session, without one. Throws ApiError. */
export async function ask<T>(path: string, body?: unknown): Promise<T> {
  const asked: RequestInit =
    body === undefined
      ? {}
      : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await send(path, asked);
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Sign in with an account. Throws ApiError (401: its code says what is wrong or missing; 429 too many tries). */
export async function signIn(email: string, password: string, code?: string): Promise<Session> {
  const session = await ask<Session>("/api/tickets/session", { email, password, ...(code ? { code } : {}) });
  // Who is told recovery codes reads them first; the page goes on by the cookie.
  if (!session.recovery_codes) adopt(session);
  return session;
}

/** Go on with the session of an answer: what changes who may be signed in ends the token of before. */
export const goOnWith = (session: Session): void => adopt(session);

/** A new access token for the session cookie; null when there is no session. One at a time. */
export function refresh(): Promise<Session | null> {
  refreshing ??= renew().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<Session | null> {
  const response = await send("/api/tickets/session/refresh", { method: "POST" });
  if (response.ok) {
    const session = (await response.json()) as Session;
    adopt(session);
    return session;
  }
  if (response.status === 401) {
    adopt(null);
    return null;
  }
  throw await problemOf(response);
}

export async function signOut(): Promise<void> {
  await send("/api/tickets/session", { method: "DELETE" });
  adopt(null);
}

interface CallOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal | undefined;
  /** The same key with the same command changes nothing more; give one to make retries of a person harmless. */
  idempotencyKey?: string;
  /** The version that was seen: who changed it meanwhile is not overwritten. */
  ifMatch?: number;
  /** Goes out also when the page is left meanwhile; for what is small (64 KiB at most, by the Fetch standard). */
  keepalive?: boolean;
}

function requestOf(options: CallOptions): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json" };
  const token = accessToken();
  if (token) headers.Authorization = `Bearer ${token}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.method && options.method !== "GET") {
    headers["Idempotency-Key"] = options.idempotencyKey ?? crypto.randomUUID();
  }
  if (options.ifMatch !== undefined) headers["If-Match"] = `"${options.ifMatch}"`;
  const body = options.form ?? (options.body === undefined ? null : JSON.stringify(options.body));
  return {
    method: options.method ?? "GET",
    headers,
    body,
    signal: options.signal ?? null,
    keepalive: options.keepalive ?? false,
  };
}

const AGAIN_AFTER_MS = [400, 1200, 3000];
const PASSING = new Set([502, 503, 504]);

/** Commands carry a key, so sending one again is harmless: a hiccup of the network never reaches the person. */
async function sendPatiently(path: string, options: CallOptions): Promise<Response> {
  for (const pause_ms of AGAIN_AFTER_MS) {
    try {
      const response = await send(path, requestOf(options));
      if (!PASSING.has(response.status)) return response;
    } catch (error) {
      if (!(error instanceof OfflineError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause_ms));
  }
  return send(path, requestOf(options));
}

/** Call a service as the signed-in agent; a token that ended is renewed once. */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const withKey = { ...options, idempotencyKey: options.idempotencyKey ?? crypto.randomUUID() };
  const isCommand = options.method !== undefined && options.method !== "GET";
  const attempt = (): Promise<Response> =>
    isCommand ? sendPatiently(path, withKey) : send(path, requestOf(withKey));
  let response = await attempt();
  if (response.status === 401 && (await refresh())) response = await attempt();
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** What to tell a person about any error. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError || error instanceof OfflineError) return error.message;
  return "Something unexpected happened. Try again; if it stays, reload the page.";
}
