/**
 * The messenger's one state and what may be done with it. Talks to the services, keeps what must outlive a
 * reload, and tells its listeners; draws nothing.
 */

import type { User } from "../protocol";
import { type Accepted, type Api, type Brand, type Conversation, Refused } from "./api";
import { Delivery } from "./delivery";
import { Live } from "./live";
import { backoffMs, type Item, unseen } from "./model/outbox";
import { type Attachment, type Entry, merge, unread } from "./model/timeline";
import { initial, type State } from "./state";
import type { Keeper, Kept } from "./storage";

/** Whom a site's token is about, unchecked: only to know whether it is the same person. */
function subject(token: string): string {
  try {
    const part = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    return token && String(JSON.parse(atob(part)).sub);
  } catch {
    return token;
  }
}

/** A message taken on but not yet on the timeline is looked for again after these waits (ms). */
const LOOK_AGAIN_MS = [700, 2000, 5000, 15_000];

export class Messenger {
  state: State = initial();
  private user: User | null = null;
  private starting: Promise<void> | null = null;
  private starts = 0;
  private retryTimer = 0;
  private lookTimer = 0;
  private gone = false;
  private readonly listeners = new Set<() => void>();
  private readonly live: Live;
  private readonly delivery: Delivery;

  constructor(
    private readonly brandId: string,
    private readonly api: Api,
    private readonly keeper: Keeper,
    private readonly onUnread: (count: number) => void,
    private readonly onUsed: () => void,
  ) {
    this.live = new Live(() => this.api.token, {
      message: (conversation_id, message) => this.arrived({ ...message, conversation_id }),
      status: (conversationId, status) => this.statusChanged(conversationId, status === "closed"),
      resync: () => void this.refresh(),
      connected: (live) => this.set({ live }),
      unauthenticated: () => void this.start(),
    });
    this.delivery = new Delivery(api, keeper, {
      changed: () => this.set({ outbox: this.delivery.items }),
      accepted: (item, answer) => this.accepted(item, answer),
      unauthenticated: () => void this.start(),
      may: () => this.state.phase === "ready" && this.state.online && !this.starting && !this.gone,
    });
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  kept(): Kept {
    return this.keeper.load();
  }

  boot(user: User | null): void {
    this.user = user && Object.values(user).some(Boolean) ? user : null;
    this.becomes(subject(user?.token ?? ""));
    const kept = this.keeper.load();
    this.delivery.restore();
    this.set({
      booted: true,
      closed: kept.closed,
      email: user?.email ?? kept.email,
      emailAsked: kept.email_asked || Boolean(user?.email || user?.token),
    });
    addEventListener("online", () => this.network(true));
    addEventListener("offline", () => this.network(false));
    void this.start();
  }

  /**
   * Opens the session (again), then history, live answers and whatever waits to be sent. One at a time, whoever asks:
   * two would take each other's token.
   */
  start(): Promise<void> {
    this.starting ??= this.openSession().finally(() => {
      this.starting = null;
      this.delivery.pump();
    });
    return this.starting;
  }

  private async openSession(): Promise<void> {
    if (this.gone) return;
    clearTimeout(this.retryTimer);
    if (this.state.phase !== "ready") this.set({ phase: "connecting" });
    try {
      const brand = await this.signIn();
      this.starts = 0;
      this.set({ phase: "ready", brand });
      await this.refresh();
      this.live.connect();
    } catch (error) {
      this.startFailed(error);
    }
  }

  send(text: string, attachments: readonly Attachment[]): void {
    const kept = this.conversation();
    const item: Item = {
      client_id: crypto.randomUUID(),
      session_id: kept.session_id,
      text: text.trim(),
      attachments,
      written_at: new Date().toISOString(),
      step: "queued",
      tries: 0,
    };
    this.keeper.save({ draft: "" });
    this.set({ closed: false });
    this.onUsed();
    this.delivery.add(item);
  }

  again(clientId: string): void {
    this.delivery.again(clientId);
    if (this.state.phase !== "ready") void this.start();
  }

  discard(clientId: string): void {
    this.delivery.discard(clientId);
  }

  attach(file: File): Promise<Attachment> {
    return this.api.attach(file);
  }

  saveDraft(draft: string): void {
    this.keeper.save({ draft });
  }

  /** Tells the desk where to write once the visitor has left the page. */
  async giveEmail(email: string): Promise<void> {
    const session = await this.api.session(this.brandId, this.api.token, { ...this.user, email });
    this.keeper.save({ token: session.token, visitor_id: session.visitor_id, email, email_asked: true });
    this.set({ email, emailAsked: true });
  }

  skipEmail(): void {
    this.keeper.save({ email_asked: true });
    this.set({ emailAsked: true });
  }

  setOpen(open: boolean): void {
    this.set({ open });
    if (open) this.seen();
    if (open && this.state.phase === "away") void this.start();
  }

  /** The visitor read what is there. */
  seen(): void {
    const last = this.state.entries.at(-1);
    if (last) this.keeper.save({ read_at: last.at });
    this.count();
  }

  stop(): void {
    this.gone = true;
    this.live.stop();
    this.delivery.stop();
    clearTimeout(this.retryTimer);
    clearTimeout(this.lookTimer);
  }

  /** The next one at this browser must find nothing. */
  forget(): void {
    this.stop();
    this.keeper.forget();
  }

  /** Somebody else than last time sits at this browser: drafts, what waits to be sent, an address are not theirs. */
  private becomes(user: string): void {
    if (this.keeper.load().user !== user) this.keeper.forget();
    this.keeper.save({ user });
  }

  private async signIn(): Promise<Brand> {
    const kept = this.keeper.load();
    const user = this.user ?? (kept.email ? { email: kept.email } : null);
    const session = await this.api.session(this.brandId, kept.token, user).catch((error: unknown) => {
      // An old token that is no longer believed costs the history, not the conversation to come.
      const stale = kept.token && error instanceof Refused && [400, 401, 403, 422].includes(error.status);
      if (!stale) throw error;
      return this.api.session(this.brandId, "", user);
    });
    const other = kept.visitor_id !== "" && kept.visitor_id !== session.visitor_id;
    this.keeper.save({
      token: session.token,
      visitor_id: session.visitor_id,
      ...(other && { session_id: "", conversation_id: "", closed: false, read_at: "" }),
    });
    return session.brand;
  }

  private startFailed(error: unknown): void {
    if (error instanceof Refused && !error.passing) {
      this.set({ phase: "refused" });
      return;
    }
    this.starts += 1;
    this.set({ phase: "away" });
    this.retryTimer = window.setTimeout(() => void this.start(), backoffMs(this.starts, Math.random()));
  }

  private async refresh(): Promise<void> {
    try {
      this.history(await this.api.conversations());
    } catch (error) {
      if (error instanceof Refused && error.status === 401) throw error;
      // tickets is away: what we have stays, live answers go on, and the next look brings the rest.
      this.look(0);
    }
  }

  private history(conversations: readonly Conversation[]): void {
    const entries = conversations.flatMap(({ conversation_id, messages }) =>
      messages.map((message) => ({ ...message, conversation_id })),
    );
    const current = conversations.find((each) => each.conversation_id === this.keeper.load().conversation_id);
    if (current) this.statusChanged(current.conversation_id, current.status === "closed");
    this.take(entries);
  }

  private arrived(entry: Entry): void {
    this.take([entry]);
    // Any message opens what was closed.
    this.statusChanged(entry.conversation_id, false);
    // An answer proves that what it answers is on the timeline: take our own messages' places from there.
    if (this.state.outbox.some((item) => item.step === "sent")) this.look(0);
  }

  private take(more: readonly Entry[]): void {
    const entries = merge(this.state.entries, more);
    this.set({ entries });
    this.delivery.keep(unseen(this.state.outbox, entries));
    if (this.state.open && document.visibilityState === "visible") this.seen();
    else this.count();
  }

  private count(): void {
    const count = unread(this.state.entries, this.keeper.load().read_at);
    if (count !== this.state.unread) this.set({ unread: count });
    this.onUnread(count);
  }

  private statusChanged(conversationId: string, closed: boolean): void {
    if (conversationId !== this.keeper.load().conversation_id) return;
    this.keeper.save({ closed });
    this.set({ closed });
  }

  /** The conversation to write to: the one in hand, or a new one when that was closed. */
  private conversation(): Kept {
    const kept = this.keeper.load();
    if (kept.session_id && !kept.closed) return kept;
    return this.keeper.save({ session_id: crypto.randomUUID(), conversation_id: "", closed: false });
  }

  private network(online: boolean): void {
    this.set({ online });
    if (online) void this.start();
  }

  private accepted(item: Item, { conversation_id }: Accepted): void {
    const kept = this.keeper.load();
    if (kept.session_id === item.session_id && !kept.conversation_id) this.keeper.save({ conversation_id });
    this.take([]);
    this.look(0);
  }

  /** Fetches the timeline a few times, further and further apart, until it has what we sent. */
  private look(turn: number): void {
    clearTimeout(this.lookTimer);
    const wait = LOOK_AGAIN_MS[turn];
    if (wait === undefined || this.gone) return;
    this.lookTimer = window.setTimeout(async () => {
      const found = await this.api.conversations().catch(() => null);
      if (found) this.history(found);
      if (!found || this.state.outbox.some((item) => item.step === "sent")) this.look(turn + 1);
    }, wait);
  }

  private set(by: Partial<State>): void {
    this.state = { ...this.state, ...by };
    for (const listener of this.listeners) listener();
  }
}
