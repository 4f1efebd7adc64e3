/** Gets what the visitor wrote to ingest: one at a time, again after trouble, kept over a reload. */

import { type Accepted, type Api, Refused } from "./api";
import { afterTrouble, backoffMs, change, type Item, next, restored } from "./model/outbox";
import type { Keeper } from "./storage";

export interface DeliveryHandlers {
  changed(): void;
  accepted(item: Item, answer: Accepted): void;
  /** The token was not believed: get another, then `pump`. */
  unauthenticated(): void;
  /** Whether there is a session to send in, and a network to send over. */
  may(): boolean;
}

export class Delivery {
  items: readonly Item[] = [];
  private timer = 0;

  constructor(
    private readonly api: Api,
    private readonly keeper: Keeper,
    private readonly on: DeliveryHandlers,
  ) {}

  restore(): void {
    this.set(restored(this.keeper.items()));
  }

  add(item: Item): void {
    this.keeper.keep(item);
    this.set([...this.items, item]);
    this.pump();
  }

  again(clientId: string): void {
    this.update(clientId, { step: "queued", tries: 0 });
    this.pump();
  }

  discard(clientId: string): void {
    this.keep(this.items.filter((item) => item.client_id !== clientId));
  }

  /** Only these are still to be shown and kept; the others are on the timeline, or given up. */
  keep(items: readonly Item[]): void {
    for (const item of this.items) if (!items.includes(item)) this.keeper.drop(item.client_id);
    this.set(items);
  }

  pump(): void {
    if (!this.on.may()) return;
    const item = next(this.items);
    if (item) void this.deliver(item);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private async deliver(item: Item): Promise<void> {
    this.update(item.client_id, { step: "sending" });
    const { client_id, session_id, text } = item;
    const attachments = item.attachments.map((attachment) => attachment.id);
    try {
      const answer = await this.api.send({ client_id, session_id, text, attachments });
      const { entry_id, conversation_id } = answer;
      this.update(client_id, { step: "sent", entry_id, conversation_id });
      this.on.accepted(item, answer);
      this.pump();
    } catch (error) {
      this.notSent(item, error instanceof Refused ? error : new Refused(0, "", ""));
    }
  }

  private notSent(item: Item, error: Refused): void {
    if (error.status === 401) {
      this.update(item.client_id, afterTrouble(item));
      this.on.unauthenticated();
    } else if (error.passing) {
      // Without a network nothing was tried: that is no reason to ask the visitor.
      this.update(item.client_id, navigator.onLine ? afterTrouble(item) : { step: "queued" });
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.pump(), backoffMs(item.tries + 1, Math.random()));
    } else {
      this.update(item.client_id, { step: "failed", reason: error.message });
      this.pump();
    }
  }

  private update(clientId: string, by: Partial<Item>): void {
    const items = change(this.items, clientId, by);
    const item = items.find((each) => each.client_id === clientId);
    if (item) this.keeper.keep(item);
    this.set(items);
  }

  private set(items: readonly Item[]): void {
    this.items = items;
    this.on.changed();
  }
}
