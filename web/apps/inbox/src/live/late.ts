/**
 * News that comes while an answer is on its way. The answer may be of a moment before, so what came meanwhile is told
 * again once it is there; without that an event of the very moment in which one opens a conversation is not shown.
 */
import type { Query, QueryCacheNotifyEvent, QueryClient, QueryKey } from "@tanstack/react-query";
import type { LiveFrame } from "@/api/live";
import { keys } from "@/data/keys";
import { LET_ANSWER } from "@/lib/soon";

/** What may have changed while nobody listened. */
export const AFTER_A_GAP: readonly QueryKey[] = [
  keys.notices,
  keys.unreadNotices,
  keys.lists,
  keys.ticketLists,
  keys.ticketCounts,
  ["ticket"],
  ["ticket-timeline"],
  ["ticket-conversations"],
  ["contact"],
  keys.contactLists,
  keys.contactTimelines,
  keys.contactConversationLists,
  keys.alikes,
  keys.segments,
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
const ANY = new Set(Object.values(CONCERNED).flatMap((words) => [...words]));

/** Keys whose second word says of which one they are. A contact may be asked for by the id of one merged into it. */
const OF_ONE: ReadonlySet<unknown> = new Set([
  "conversation",
  "timeline",
  "ticket",
  "ticket-timeline",
  "ticket-conversations",
]);

/** Whether an answer under `key` may be another one after `frame`. */
export function concerns(frame: LiveFrame, [first, second]: QueryKey): boolean {
  if (!CONCERNED[frame.type]?.has(first)) return false;
  if (!OF_ONE.has(first)) return true;
  if (frame.type === "event") return frame.event.conversation_id === second;
  return frame.type !== "ticket" || frame.ticket_id === second;
}

type Updated = Extract<QueryCacheNotifyEvent, { type: "updated" }>;

/** Frames that are kept; past that everything is asked again, as after a gap. */
const KEPT_MAX = 500;
const FLOOD: LiveFrame = { type: "resync" };
/** News that never ends would have a question asked again with every answer. */
const AGAIN_AFTER_MS = 300;

export class LateNews {
  private count = 0;
  private kept: { number: number; frame: LiveFrame }[] = [];
  /** For each question that is not answered yet, how many frames had come when it was asked. */
  private readonly asked = new Map<string, number>();
  /** Questions that will be asked once more. */
  private readonly again = new Map<string, ReturnType<typeof setTimeout>>();

  /** `tell` is given an event again; whatever else came is asked for again. */
  constructor(
    private readonly client: QueryClient,
    private readonly tell: (frame: LiveFrame) => void,
  ) {}

  /** Listen to the cache until the answer is called. */
  start(): () => void {
    const cache = this.client.getQueryCache();
    for (const query of cache.getAll()) if (isOpen(query)) this.opened(query);
    const unsubscribe = cache.subscribe((event) => {
      if (event.type === "removed") this.answered(event.query.queryHash);
      else if (event.type === "updated") this.updated(event);
    });
    return () => {
      unsubscribe();
      for (const timer of this.again.values()) clearTimeout(timer);
      this.again.clear();
    };
  }

  /** Keep a frame for as long as a question is open. */
  came(frame: LiveFrame): void {
    this.count += 1;
    if (this.asked.size === 0) return;
    const isFlood = this.kept.length === KEPT_MAX || this.kept[0]?.frame === FLOOD;
    if (isFlood) this.kept = [{ number: this.count, frame: FLOOD }];
    else this.kept.push({ number: this.count, frame });
  }

  private updated({ query, action }: Updated): void {
    if (action.type === "fetch") this.opened(query);
    if (action.type === "error") this.answered(query.queryHash);
    if (action.type !== "success" || action.manual) return;
    const since = this.asked.get(query.queryHash) ?? this.count;
    const late = this.kept.filter(({ number, frame }) => number > since && concerns(frame, query.queryKey));
    this.answered(query.queryHash);
    for (const { frame } of late) if (frame.type === "event") this.tell(frame);
    if (late.some(({ frame }) => frame.type !== "event")) this.askAgain(query);
  }

  private opened({ queryHash, queryKey }: Query): void {
    if (ANY.has(queryKey[0])) this.asked.set(queryHash, this.count);
  }

  /** In a moment, once for all that came and comes until then. */
  private askAgain({ queryHash, queryKey }: Query): void {
    const which = { queryKey, exact: true };
    void this.client.invalidateQueries({ ...which, refetchType: "none" });
    if (this.again.has(queryHash)) return;
    const ask = (): void => {
      this.again.delete(queryHash);
      void this.client.invalidateQueries(which, LET_ANSWER);
    };
    this.again.set(queryHash, setTimeout(ask, AGAIN_AFTER_MS));
  }

  /** Forget the question, those that were given up unnoticed, and the frames that none waits for any more. */
  private answered(hash: string): void {
    this.asked.delete(hash);
    for (const open of this.asked.keys()) {
      const query = this.client.getQueryCache().get(open);
      if (!query || !isOpen(query)) this.asked.delete(open);
    }
    const first = Math.min(this.count, ...this.asked.values());
    this.kept = this.kept.filter(({ number }) => number > first);
  }
}

/** One that is paused waits for the connection, and is asked then. */
const isOpen = ({ state }: Query): boolean => state.fetchStatus !== "idle";
