/**
 * News that comes while an answer is on its way. The answer may be of a moment before, so what came meanwhile is told
 * again once it is there; without that an event of the very moment in which one opens a conversation is not shown.
 */
import type { QueryCacheNotifyEvent, QueryClient, QueryKey } from "@tanstack/react-query";
import type { LiveFrame } from "@/api/live";
import { keys } from "@/data/keys";

/** What may have changed while nobody listened. */
export const AFTER_A_GAP: readonly QueryKey[] = [
  keys.notices,
  keys.unreadNotices,
  keys.lists,
  keys.ticketLists,
  keys.ticketCounts,
  ["ticket"],
  ["ticket-timeline"],
  ["contact"],
  keys.contactLists,
  keys.contactTimelines,
  keys.inboxes,
  keys.availability,
  keys.dashboard,
  ["conversation"],
  ["timeline"],
];

/** The first words of the keys that a kind of news concerns. */
const CONCERNED: Partial<Record<LiveFrame["type"], ReadonlySet<unknown>>> = {
  event: new Set(["list", "conversation", "timeline"]),
  availability: new Set(["availability"]),
  ticket: new Set(["tickets", "ticket-counts", "ticket", "ticket-timeline", "ticket-conversations"]),
  contact: new Set(["contacts", "contact", "contact-timeline", "contact-conversations", "alike", "segments"]),
  notice: new Set(["notices", "notices-unread"]),
  resync: new Set(AFTER_A_GAP.map(([first]) => first)),
};

type Updated = Extract<QueryCacheNotifyEvent, { type: "updated" }>;

export class LateNews {
  private count = 0;
  private kept: { number: number; frame: LiveFrame }[] = [];
  /** For each question that is not answered yet, how many frames had come when it was asked. */
  private readonly asked = new Map<string, number>();

  /** `tell` is given an event again; whatever else came is asked for again. */
  constructor(
    private readonly client: QueryClient,
    private readonly tell: (frame: LiveFrame) => void,
  ) {}

  /** Listen to the cache until the answer is called. */
  start(): () => void {
    const cache = this.client.getQueryCache();
    for (const query of cache.findAll({ fetchStatus: "fetching" }))
      this.asked.set(query.queryHash, this.count);
    return cache.subscribe((event) => {
      if (event.type === "removed") this.answered(event.query.queryHash);
      else if (event.type === "updated") this.updated(event);
    });
  }

  /** Keep a frame for as long as a question is open. */
  came(frame: LiveFrame): void {
    this.count += 1;
    if (this.asked.size > 0) this.kept.push({ number: this.count, frame });
  }

  private updated({ query, action }: Updated): void {
    if (action.type === "fetch") this.asked.set(query.queryHash, this.count);
    if (action.type === "error") this.answered(query.queryHash);
    if (action.type !== "success" || action.manual) return;
    const since = this.asked.get(query.queryHash) ?? this.count;
    const late = this.kept.filter(
      ({ number, frame }) => number > since && CONCERNED[frame.type]?.has(query.queryKey[0]),
    );
    this.answered(query.queryHash);
    for (const { frame } of late) if (frame.type === "event") this.tell(frame);
    if (late.some(({ frame }) => frame.type !== "event")) {
      void this.client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    }
  }

  /** Forget the question, those that were given up unnoticed, and the frames that none waits for any more. */
  private answered(hash: string): void {
    this.asked.delete(hash);
    for (const open of this.asked.keys()) {
      if (this.client.getQueryCache().get(open)?.state.fetchStatus !== "fetching") this.asked.delete(open);
    }
    const first = Math.min(this.count, ...this.asked.values());
    this.kept = this.kept.filter(({ number }) => number > first);
  }
}
