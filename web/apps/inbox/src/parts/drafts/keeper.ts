/** Keeps a draft on the server while it is written: one writing at a time, the latest wins, nothing is lost meanwhile. */
import { ApiError } from "@/api/client";
import type { Draft } from "@/api/drafts";
import type { Letter } from "@/data/drafts";
import { isNothing, joined, letterOf } from "./letters";

/** "kept": the server has it. "here": only this browser has, until the server can be reached. */
export type Kept = "no" | "kept" | "here";

/**
 * Written here and not on the server yet; `rev` is the draft it began from. `behind`: it comes after what was sent from
 * that one, with which the server throws that one away.
 */
export interface Unsaved {
  rev: number;
  letter: Letter;
  behind?: boolean;
}

/** The `rev` of what was begun before it was known what the server has. */
export const UNKNOWN = -1;

/** What became of a sending; anything else is a refusal. */
export type Sent<T> = "sent" | "waits" | T;

interface Callbacks {
  put: (rev: number, letter: Letter) => Promise<Draft>;
  /** Remember in this browser; null: nothing is unsaved any more. False when it keeps nothing. */
  remember: (unsaved: Unsaved | null) => boolean;
  onKept: (kept: Kept) => void;
  /** Somebody wrote the same draft elsewhere; null: settled. */
  onOther: (other: Draft | null) => void;
}

const AFTER_MS = 700;
const AGAIN_MS = 5000;

export class DraftKeeper {
  private pending: Letter | null = null;
  private saving: Promise<void> | null = null;
  private other: Draft | null = null;
  /** About to be sent, and not yet among what waits to be. */
  private away: Letter | null = null;
  private sending = false;
  /** Another one keeps this draft now, in the same browser. */
  private over = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private rev: number,
    private readonly callbacks: Callbacks,
    private behind = false,
  ) {}

  /** Whether everything that was written is on the server. */
  get settled(): boolean {
    return this.pending === null && this.saving === null && this.other === null;
  }

  get revision(): number {
    return Math.max(this.rev, 0);
  }

  /** Settled once it is known what became of what it gave away to be sent; null: nothing is on its way. */
  get underway(): Promise<void> | null {
    return this.sending ? this.saving : null;
  }

  /** The server has nothing there, as is known now: what was begun meanwhile goes on from that. */
  beginAt(rev: number): void {
    if (this.rev === UNKNOWN) this.rev = rev;
  }

  /** The box was left and is open again: what `before` has on its way comes first, the rest is kept from here. */
  follow(before: DraftKeeper): void {
    // What is being sent and refused is the draft again: only the one that sends it knows.
    if (before.sending) return;
    before.over = true;
    clearTimeout(before.timer);
    const takeRev = (): void => {
      this.rev = Math.max(this.rev, before.rev);
    };
    takeRev();
    if (before.saving) void this.busyWith(before.saving.then(takeRev));
  }

  /** Keep it in a moment, or at once when nothing else comes. */
  write(letter: Letter): void {
    this.pending = letter;
    this.callbacks.onKept("no");
    this.remember();
    this.later(AFTER_MS);
  }

  /** Keep what is pending now. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    while (this.saving) await this.saving;
    if (this.pending === null || this.other || this.over) return;
    await this.busyWith(this.save(this.pending));
  }

  /** What is still to be kept is kept elsewhere. */
  drop(): void {
    this.pending = null;
  }

  /** Two devices wrote: what stands here replaces the other's. */
  async keepMine(): Promise<void> {
    if (!this.other) return;
    this.rev = this.other.rev;
    this.settle();
    await this.flush();
  }

  /** What stands here goes; gives what takes its place. */
  takeOther(): Draft | null {
    const { other } = this;
    if (other) this.adopt(other);
    return other;
  }

  /** The draft is what the server says now. */
  adopt(draft: Draft): void {
    clearTimeout(this.timer);
    this.pending = null;
    this.rev = draft.rev;
    this.behind = false;
    this.callbacks.remember(null);
    this.settle();
    this.callbacks.onKept("no");
  }

  /**
   * Give `letter` away to be sent. What is on its way to the server comes before it; what is written meanwhile waits
   * until it is known what became of it. Refused, it is the draft again, whether the box is still open or not.
   * `elsewhere`: it is kept among what waits to be sent meanwhile; else this browser keeps it until it was sent.
   */
  async send<T>(
    letter: Letter,
    outcome: (refusing: () => void) => Promise<Sent<T>>,
    ask: () => Promise<Draft>,
    elsewhere = true,
  ): Promise<Sent<T>> {
    clearTimeout(this.timer);
    this.pending = null;
    this.away = letter;
    this.sending = true;
    const before = this.saving;
    const sending = async (): Promise<Sent<T>> => {
      await before;
      // Nothing else keeps it any more, and what becomes of it may take a while to be told.
      const asked = outcome(() => {
        this.away = letter;
        this.remember();
      });
      // Kept here too, it would be a draft again after a reload.
      if (elsewhere) this.away = null;
      this.remember();
      const came = await asked;
      this.away = null;
      this.sending = false;
      if (came === "sent") await this.begin(ask);
      if (came === "waits") this.behind = true;
      if (came !== "sent" && came !== "waits") this.pending = joined(letter, this.pending);
      this.callbacks.onKept("no");
      this.remember();
      return came;
    };
    const work = sending();
    await this.busyWith(work.then(() => undefined));
    if (this.pending) this.later(AFTER_MS);
    return work;
  }

  /** The server's draft is another one since it was sent. */
  private async begin(ask: () => Promise<Draft>): Promise<void> {
    this.settle();
    const draft = await ask().catch(() => null);
    if (draft) this.rev = draft.rev;
  }

  private remember(): void {
    const letter = this.away ? joined(this.away, this.pending) : this.pending;
    this.callbacks.remember(letter && { rev: this.rev, letter, ...(this.behind && { behind: true }) });
  }

  private async busyWith(work: Promise<void>): Promise<void> {
    const mine = work.finally(() => {
      if (this.saving === mine) this.saving = null;
    });
    this.saving = mine;
    await mine;
  }

  private settle(): void {
    this.other = null;
    this.callbacks.onOther(null);
  }

  private later(after_ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), after_ms);
  }

  private async save(letter: Letter): Promise<void> {
    try {
      const kept = await this.callbacks.put(this.revision, letter);
      this.rev = kept.rev;
      this.behind = false;
      if (this.over) return;
      if (this.pending !== letter) {
        this.later(AFTER_MS);
        return;
      }
      this.pending = null;
      this.callbacks.remember(null);
      this.callbacks.onKept("kept");
    } catch (error) {
      this.refused(error);
    }
  }

  private refused(error: unknown): void {
    if (this.over) return;
    if (error instanceof ApiError && error.code === "draft_changed") {
      const existing = error.existing as Draft;
      if (this.behind && isNothing(letterOf(existing))) {
        this.rev = existing.rev;
        this.later(0);
        return;
      }
      this.other = existing;
      this.callbacks.onOther(this.other);
      return;
    }
    this.callbacks.onKept("here");
    // A "no" stays one until something else is written; the network comes back by itself.
    if (!(error instanceof ApiError) || error.status >= 500) this.later(AGAIN_MS);
  }
}

/** Those of boxes that were left, until everything is on the server. */
export const leftKeepers = new Map<string, DraftKeeper>();

/** Boxes that are open, by place, so that others can have them kept before they act. */
export const openKeepers = new Map<string, DraftKeeper>();
