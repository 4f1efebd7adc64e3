/** Live answers over `/live/messenger`: says hello with the visitor's token, resumes after a gap, comes back. */

import { backoffMs } from "./model/outbox";
import type { Entry } from "./model/timeline";

export interface LiveHandlers {
  message(conversationId: string, message: Omit<Entry, "conversation_id">): void;
  status(conversationId: string, status: "open" | "snoozed" | "closed"): void;
  /** What was missed cannot be told any more: fetch everything. */
  resync(): void;
  connected(yes: boolean): void;
  /** The token is no longer good: get another, then `connect` again. */
  unauthenticated(): void;
}

type Frame =
  | { type: "ready"; id: string; resumed: boolean }
  | { type: "message"; id: string; conversation_id: string; message: Omit<Entry, "conversation_id"> }
  | { type: "status"; id: string; conversation_id: string; status: "open" | "snoozed" | "closed" }
  | { type: "resync" };

const UNAUTHENTICATED = 4401;

export class Live {
  private socket: WebSocket | null = null;
  private lastId: string | null = null;
  private tries = 0;
  private timer = 0;
  private stopped = false;

  constructor(
    private readonly token: () => string,
    private readonly on: LiveHandlers,
  ) {}

  connect(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.drop();
    const url = new URL("/live/messenger", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "hello", token: this.token(), last_id: this.lastId }));
    socket.onmessage = (event) => this.hear(String(event.data));
    socket.onclose = (event) => this.lost(event.code);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.drop();
  }

  private drop(): void {
    if (!this.socket) return;
    this.socket.onclose = null;
    this.socket.onmessage = null;
    this.socket.close();
    this.socket = null;
  }

  private hear(text: string): void {
    const frame = JSON.parse(text) as Frame;
    if ("id" in frame) this.lastId = frame.id;
    if (frame.type === "ready") {
      this.tries = 0;
      this.on.connected(true);
      if (!frame.resumed) this.on.resync();
    } else if (frame.type === "message") this.on.message(frame.conversation_id, frame.message);
    else if (frame.type === "status") this.on.status(frame.conversation_id, frame.status);
    else if (frame.type === "resync") this.on.resync();
  }

  private lost(code: number): void {
    this.socket = null;
    this.on.connected(false);
    this.tries += 1;
    if (code === UNAUTHENTICATED && this.tries < 3) this.on.unauthenticated();
    else this.timer = window.setTimeout(() => this.connect(), backoffMs(this.tries, Math.random()));
  }
}
