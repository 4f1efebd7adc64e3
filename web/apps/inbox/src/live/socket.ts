/** The live line to notifications: authenticates, resumes after a gap, reconnects with growing pauses. */
import type { LiveFrame } from "@/api/live";

export type LiveState = "connecting" | "live" | "offline";

interface Callbacks {
  token: () => string | null;
  renew: () => Promise<unknown>;
  onFrame: (frame: LiveFrame) => void;
  onState: (state: LiveState) => void;
}

const UNAUTHENTICATED = 4401;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export class LiveSocket {
  private socket: WebSocket | null = null;
  private lastId: string | null = null;
  private tries = 0;
  private stopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    private readonly callbacks: Callbacks,
  ) {}

  start(): void {
    this.stopped = false;
    window.addEventListener("online", this.reconnectNow);
    window.addEventListener("offline", this.onBrowserOffline);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    window.removeEventListener("online", this.reconnectNow);
    window.removeEventListener("offline", this.onBrowserOffline);
    this.socket?.close(1000);
    this.socket = null;
  }

  /** Tell the server about a renewed token, so that the line outlives the old one. */
  renewed(token: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) {
      this.socket.send(JSON.stringify({ type: "token", token }));
    }
  }

  readonly reconnectNow = (): void => {
    clearTimeout(this.timer);
    if (!this.socket || this.socket.readyState >= WebSocket.CLOSING) this.connect();
  };

  private readonly onBrowserOffline = (): void => this.socket?.close(4000, "offline");

  private connect(): void {
    if (this.stopped) return;
    this.callbacks.onState("connecting");
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", token: this.callbacks.token(), last_id: this.lastId }));
    };
    socket.onmessage = (message: MessageEvent<string>) => this.receive(message.data);
    socket.onclose = (event) => {
      if (this.socket === socket) void this.closed(event.code);
    };
  }

  private receive(raw: string): void {
    const frame = JSON.parse(raw) as LiveFrame;
    if (frame.type === "ready") {
      this.tries = 0;
      this.lastId = frame.resumed ? this.lastId : frame.id;
      this.callbacks.onState("live");
      // Not resumed, the first time too: something may have happened since what is shown was asked for.
      this.callbacks.onFrame(frame.resumed ? frame : { type: "resync" });
      return;
    }
    if ("id" in frame && frame.id) this.lastId = frame.id;
    this.callbacks.onFrame(frame);
  }

  private async closed(code: number): Promise<void> {
    this.socket = null;
    if (this.stopped) return;
    this.callbacks.onState("offline");
    if (code === UNAUTHENTICATED) await this.callbacks.renew().catch(() => undefined);
    if (this.stopped) return;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries);
    this.tries += 1;
    // Jitter: a restarted server isn't greeted by everybody at once.
    this.timer = setTimeout(() => this.connect(), longest * (0.5 + Math.random() / 2));
  }
}
