/** The columns of the table (CV2): what each says, and how wide it is unless somebody drags it. Pure. */
import type { Head, SortOrder } from "@/api/types";
import type { Names } from "@/data/directory";
import { personName } from "@/lib/person";
import { fullTime, shortAgo, untilLabel } from "@/lib/time";

export type ColumnId =
  | "user"
  | "subject"
  | "channel"
  | "brand"
  | "activity"
  | "description"
  | "waiting"
  | "last"
  | "started"
  | "status"
  | "priority"
  | "team"
  | "assignee"
  | "topic"
  | "tags";

export interface Column {
  id: ColumnId;
  label: string;
  px: number;
  /** What the list is sorted by when its head is clicked, and when it is clicked again. */
  sorts?: readonly SortOrder[];
}

export const COLUMNS: readonly Column[] = [
  { id: "user", label: "Customer", px: 160 },
  { id: "subject", label: "Subject", px: 260 },
  { id: "priority", label: "Priority", px: 76, sorts: ["priority"] },
  { id: "status", label: "Status", px: 130 },
  { id: "waiting", label: "Waiting", px: 84, sorts: ["waited_longest"] },
  { id: "last", label: "Last activity", px: 104, sorts: ["newest", "oldest"] },
  { id: "assignee", label: "Assignee", px: 130 },
  { id: "team", label: "Team", px: 120 },
  { id: "brand", label: "Brand", px: 130 },
  { id: "channel", label: "Channel", px: 84 },
  { id: "topic", label: "Topic", px: 130 },
  { id: "tags", label: "Tags", px: 150 },
  { id: "activity", label: "Activity", px: 140 },
  { id: "description", label: "Description", px: 240 },
  { id: "started", label: "Started", px: 92, sorts: ["started_last", "started_first"] },
];

export const USUAL: readonly ColumnId[] = [
  "user",
  "subject",
  "priority",
  "status",
  "waiting",
  "last",
  "assignee",
  "team",
  "brand",
  "topic",
  "tags",
];

const ACTIVITY: Record<string, string> = {
  ConversationStarted: "Started",
  CustomerReplied: "Customer replied",
  ReplySent: "We answered",
  NoteAdded: "Note",
  CallUpdated: "Call",
  CallRequested: "Calling",
  DialUpdated: "Not called",
  CallAttempted: "Call attempt",
  Assigned: "Assigned",
  PriorityChanged: "Priority",
  TopicChanged: "Topic",
  Tagged: "Tags",
  Snoozed: "Snoozed",
  Woken: "Woken",
  Closed: "Closed",
  Reopened: "Reopened",
  LoopStopped: "Rule stopped",
  AlertRaised: "Alert",
  CustomEventEmitted: "Event emitted",
  ActionRefused: "Rule refused",
  SpamMarked: "Spam",
  SpamUnmarked: "Not spam",
  LinkAdded: "Linked",
  LinkRemoved: "Link removed",
  LinkProgressed: "Ticket moved",
  SlaPolicyApplied: "Service level set",
};

/** A name for an activity that this version does not know yet: its own, in words. */
const inWords = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();

const STATUS: Record<Head["status"], string> = { open: "Open", snoozed: "Snoozed", closed: "Closed" };
const CHANNEL: Record<Head["channel"], string> = {
  email: "Email",
  chat: "Chat",
  phone: "Phone",
  custom: "Custom",
};

/** A cell as text, and what is said of it on hover. */
export function cellOf(id: ColumnId, head: Head, names: Names, now: Date): { text: string; title?: string } {
  const ago = (at: string | null | undefined): { text: string; title?: string } =>
    at ? { text: shortAgo(at, now), title: fullTime(at) } : { text: "" };
  switch (id) {
    case "user":
      return { text: personName(head) };
    case "subject":
      return { text: head.subject || head.description || head.preview };
    case "channel":
      return { text: CHANNEL[head.channel] };
    case "brand":
      return { text: names.brand(head.brand_id)?.name ?? "" };
    case "activity":
      return { text: ACTIVITY[head.activity] ?? inWords(head.activity) };
    case "description":
      return { text: head.description };
    case "waiting":
      return ago(head.waiting_since);
    case "last":
      return ago(head.last_activity_at);
    case "started":
      return ago(head.started_at);
    case "status": {
      const until = head.status === "snoozed" ? head.snoozed_until : null;
      return until
        ? { text: `Until ${untilLabel(until, now)}`, title: fullTime(until) }
        : { text: STATUS[head.status] };
    }
    case "priority":
      return { text: head.priority ? "Priority" : "" };
    case "team":
      return { text: names.team(head.team_id)?.name ?? "" };
    case "assignee":
      return { text: names.agent(head.assignee_id)?.name ?? "" };
    case "topic":
      return { text: head.topic ?? "" };
    case "tags":
      return { text: head.tags.join(", ") };
  }
}

export interface Layout {
  shown: readonly ColumnId[];
  px: Partial<Record<ColumnId, number>>;
}

/** What was kept, without columns that are no more; all of them gone means as usual. */
export function layoutOf(kept: Partial<Layout> | null): Layout {
  const known = new Set(COLUMNS.map((column) => column.id));
  const shown = kept?.shown?.filter((id) => known.has(id)) ?? [];
  return { shown: shown.length ? shown : USUAL, px: kept?.px ?? {} };
}

const LEAST_PX = 56;
const MOST_PX = 640;

export const widened = (layout: Layout, id: ColumnId, px: number): Layout => ({
  ...layout,
  px: { ...layout.px, [id]: Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, px))) },
});

/** Shown or not; the order stays that of COLUMNS, and one always stays. */
export function switched(layout: Layout, id: ColumnId): Layout {
  const without = layout.shown.filter((each) => each !== id);
  if (without.length === layout.shown.length) {
    const shown = new Set([...layout.shown, id]);
    return { ...layout, shown: COLUMNS.map((column) => column.id).filter((each) => shown.has(each)) };
  }
  return without.length ? { ...layout, shown: without } : layout;
}

/** What a click on a head sorts by. */
export function nextSort(column: Column, now: SortOrder): SortOrder | null {
  const { sorts } = column;
  if (!sorts) return null;
  const at = sorts.indexOf(now);
  return sorts[(at + 1) % sorts.length] ?? null;
}
