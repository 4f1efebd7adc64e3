/** The visitor's HTTP calls, as ingest and tickets declare them, behind our own origin. */

import type { User } from "../protocol";
import type { Attachment, Entry } from "./model/timeline";

export interface Brand {
  id: string;
  name: string;
  color: string;
  messenger: { greeting: string; answers_in: string };
}

export interface Session {
  token: string;
  visitor_id: string;
  brand: Brand;
}

export interface Accepted {
  input_id: string;
  conversation_id: string;
  entry_id: string;
}

export interface Conversation {
  conversation_id: string;
  status: "open" | "snoozed" | "closed";
  messages: Omit<Entry, "conversation_id">[];
}

/** An answer that is not a yes. `status` 0: no answer at all. `detail` is the problem's sentence (RFC 9457). */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may well succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Long enough for a slow phone; after it the request is tried anew, which its id makes harmless. */
const TIMEOUT_MS = 20_000;

export class Api {
  token = "";

  async session(brand: string, token: string, user: User | null): Promise<Session> {
    const body = { brand_id: brand, ...(token && { visitor_token: token }), ...(user && { user }) };
    const path = "/api/ingest/messenger/sessions";
    const session = (await this.call("POST", path, { json: body, token: "" })) as Session;
    this.token = session.token;
    return session;
  }

  async conversations(): Promise<Conversation[]> {
    const answer = await this.call("GET", "/api/tickets/messenger/conversations", {});
    return (answer as { items: Conversation[] }).items;
  }

  send(message: {
    client_id: string;
    session_id: string;
    text: string;
    attachments: string[];
  }): Promise<Accepted> {
    const { attachments, ...rest } = message;
    const json = attachments.length ? message : rest;
    return this.call("POST", "/api/ingest/messenger/messages", { json }) as Promise<Accepted>;
  }

  attach(file: File): Promise<Attachment> {
    const form = new FormData();
    form.append("file", file, file.name);
    return this.call("POST", "/api/ingest/messenger/attachments", { form }) as Promise<Attachment>;
  }

  private async call(
    method: string,
    path: string,
    body: { json?: unknown; form?: FormData; token?: string },
  ): Promise<unknown> {
    const headers: Record<string, string> = { Accept: "application/json" };
    const token = body.token ?? this.token;
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body.json) headers["Content-Type"] = "application/json";
    let answer: Response;
    try {
      answer = await fetch(path, {
        method,
        headers,
        body: body.form ?? (body.json ? JSON.stringify(body.json) : null),
        credentials: "omit",
        signal: AbortSignal.timeout(body.form ? TIMEOUT_MS * 6 : TIMEOUT_MS),
      });
    } catch {
      throw new Refused(0, "unreachable", "");
    }
    const content = await answer.json().catch(() => null);
    if (answer.ok) return content;
    throw new Refused(answer.status, content?.code ?? "", content?.detail ?? content?.title ?? "");
  }
}
