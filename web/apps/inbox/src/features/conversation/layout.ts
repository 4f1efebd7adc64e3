/** From the log of a conversation to what is drawn: days, joined messages, grouped events, one card per call. Pure. */
import type { Call } from "@/api/calls";
import type { Actor, Attachment, DeliveryState, Message, TimelineEntry } from "@/api/types";
import { sameDay } from "@/lib/time";

export interface Delivery {
  state: DeliveryState;
  reason: string;
  recipient: string;
  at: string;
}

export type Block =
  | { kind: "day"; key: string; at: string }
  | {
      kind: "message";
      key: string;
      at: string;
      seq: number;
      /** The conversation that it was said in, when that was merged into this one. */
      of?: string | undefined;
      message: Message;
      by: Actor;
      joins: boolean;
      delivery?: Delivery | undefined;
    }
  | {
      kind: "note";
      key: string;
      at: string;
      seq: number;
      by: Actor;
      html: string;
      text: string;
      files: Attachment[];
    }
  | { kind: "call"; key: string; at: string; call: Call }
  | {
      kind: "side";
      key: string;
      at: string;
      by: Actor;
      sideId: string;
      mail: Message;
      delivery?: Delivery | undefined;
    }
  | {
      kind: "events";
      key: string;
      at: string;
      by: Actor;
      decisionId: string | null;
      entries: TimelineEntry[];
    };

const JOIN_WITHIN_MS = 10 * 60_000;
const GROUP_WITHIN_MS = 60_000;

const within = (a: string, b: string, limit_ms: number): boolean =>
  Math.abs(Date.parse(b) - Date.parse(a)) <= limit_ms;
const sameActor = (a: Actor, b: Actor): boolean => a.kind === b.kind && a.id === b.id && a.name === b.name;

/** The latest state of each message's delivery; a failure is not hidden by what another address answered before. */
export function deliveries(entries: readonly TimelineEntry[]): Map<string, Delivery> {
  const states = new Map<string, Delivery>();
  for (const entry of entries) {
    if (entry.type === "DeliveryUpdated") {
      const { entry_id, state, reason, recipient } = entry.data;
      states.set(entry_id, { state, reason, recipient, at: entry.at });
    }
  }
  return states;
}

/** What is known of each call at the end. */
function calls(entries: readonly TimelineEntry[]): Map<string, Call> {
  const latest = new Map<string, Call>();
  for (const entry of entries) {
    const call = "call" in entry.data ? entry.data.call : null;
    if (call) latest.set(call.call_id, call);
  }
  return latest;
}

const messageOf = (entry: TimelineEntry): Message | null =>
  "message" in entry.data ? (entry.data.message ?? null) : null;

function joins(last: Block | undefined, entry: TimelineEntry, message: Message): boolean {
  return (
    last?.kind === "message" &&
    last.message.direction === message.direction &&
    sameActor(last.by, entry.by) &&
    within(last.at, entry.at, JOIN_WITHIN_MS)
  );
}

/** Whether two events are one line: the same actor, decision and minute. */
function oneLine(last: Block | undefined, entry: TimelineEntry): last is Extract<Block, { kind: "events" }> {
  return (
    last?.kind === "events" &&
    sameActor(last.by, entry.by) &&
    last.decisionId === (entry.decision_id ?? null) &&
    within(last.at, entry.at, GROUP_WITHIN_MS)
  );
}

function blockOf(
  entry: TimelineEntry,
  last: Block | undefined,
  states: Map<string, Delivery>,
  latest: Map<string, Call>,
): Block | null {
  const { id: key, at, seq, by } = entry;
  const message = messageOf(entry);
  if (message) {
    const delivery = states.get(message.entry_id);
    return {
      kind: "message",
      key,
      at,
      seq,
      of: entry.of,
      message,
      by,
      joins: joins(last, entry, message),
      delivery,
    };
  }
  if (entry.type === "NoteAdded") {
    const { html, text, attachments: files = [] } = entry.data;
    return { kind: "note", key, at, seq, by, html, text, files };
  }
  if ("mail" in entry.data) {
    const { mail, side_id: sideId } = entry.data;
    return { kind: "side", key, at, by, sideId, mail, delivery: states.get(mail.entry_id) };
  }
  const call = "call" in entry.data ? entry.data.call : null;
  if (call) {
    const known = latest.get(call.call_id);
    latest.delete(call.call_id);
    return known ? { kind: "call", key, at, call: known } : null;
  }
  if (entry.type === "DeliveryUpdated") return null;
  return { kind: "events", key, at, by, decisionId: entry.decision_id ?? null, entries: [entry] };
}

const isLine = (entry: TimelineEntry): boolean =>
  !messageOf(entry) && entry.type !== "NoteAdded" && !("call" in entry.data) && !("mail" in entry.data);

/** The blocks of a timeline, oldest first. */
export function layout(entries: readonly TimelineEntry[]): Block[] {
  const states = deliveries(entries);
  const latest = calls(entries);
  const blocks: Block[] = [];
  for (const entry of entries) {
    const last = blocks.at(-1);
    if (oneLine(last, entry) && isLine(entry)) {
      if (entry.type !== "DeliveryUpdated") last.entries.push(entry);
      continue;
    }
    const block = blockOf(entry, last, states, latest);
    if (!block) continue;
    if (!last || !sameDay(last.at, block.at)) {
      blocks.push({ kind: "day", key: `day ${block.at}`, at: block.at });
      if (block.kind === "message") block.joins = false;
    }
    blocks.push(block);
  }
  return blocks;
}

/** The last of our messages: under it the delivery state is shown even when all went well. */
export function lastOwnKey(blocks: readonly Block[]): string | null {
  const own = blocks.findLast((block) => block.kind === "message" && block.message.direction === "out");
  return own?.key ?? null;
}
