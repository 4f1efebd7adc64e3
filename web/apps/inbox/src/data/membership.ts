/** Which inbox list a conversation belongs to and where in it. The same rules as the tickets service. */
import type { Narrowing } from "@/api/lists";
import type { Head, InboxKey, SortOrder, StatusFilter } from "@/api/types";

/** One list, as the service is asked for it: what is not narrowed is left out. */
export interface ListFilter extends Narrowing {
  inbox: InboxKey;
  status: StatusFilter;
  sort: SortOrder;
}

function inInbox(head: Head, inbox: InboxKey, agentId: string): boolean {
  if (inbox === "spam") return head.spam;
  if (head.spam) return false;
  if (inbox.startsWith("team:")) return head.team_id === inbox.slice(5);
  if (inbox.startsWith("brand:")) return head.brand_id === inbox.slice(6);
  switch (inbox) {
    case "mine":
      return head.assignee_id === agentId;
    case "mentions":
      return head.mentioned.includes(agentId);
    case "created":
      return head.created_by === agentId;
    case "following":
      return head.followers.includes(agentId);
    case "unassigned":
      return !head.assignee_id;
    default:
      return inbox === "all";
  }
}

const isOf = (wanted: string, id: string | null | undefined): boolean =>
  wanted === "none" ? !id : wanted === id;

function passes(head: Head, filter: Narrowing, agentId: string): boolean {
  const { brand, team, assignee, tags, channel, topic, priority, ticket } = filter;
  return (
    (!brand || head.brand_id === brand) &&
    (!team || isOf(team, head.team_id)) &&
    (!assignee || isOf(assignee === "me" ? agentId : assignee, head.assignee_id)) &&
    (tags ?? []).every((tag) => head.tags.includes(tag)) &&
    (!channel || head.channel === channel) &&
    (!topic || head.topic === topic) &&
    (priority == null || head.priority === priority) &&
    (!ticket || head.links.some((link) => link.state === ticket))
  );
}

export function belongs(head: Head, filter: ListFilter, agentId: string): boolean {
  return (
    !head.merged_into &&
    (filter.status === "all" || head.status === filter.status) &&
    inInbox(head, filter.inbox, agentId) &&
    passes(head, filter, agentId)
  );
}

const time = (iso: string | null | undefined, whenMissing: number): number =>
  iso ? Date.parse(iso) : whenMissing;

const newestFirst = (a: Head, b: Head): number => time(b.last_activity_at, 0) - time(a.last_activity_at, 0);

const orders: Record<SortOrder, (a: Head, b: Head) => number> = {
  newest: newestFirst,
  oldest: (a, b) => time(a.last_activity_at, 0) - time(b.last_activity_at, 0),
  started_first: (a, b) => time(a.started_at, 0) - time(b.started_at, 0),
  started_last: (a, b) => time(b.started_at, 0) - time(a.started_at, 0),
  waited_longest: (a, b) => time(a.waiting_since, 8e15) - time(b.waiting_since, 8e15),
  next_sla: (a, b) => time(a.next_sla_at, 8e15) - time(b.next_sla_at, 8e15),
  priority: (a, b) => Number(b.priority) - Number(a.priority) || newestFirst(a, b),
};

export const inOrder = (sort: SortOrder): ((a: Head, b: Head) => number) => orders[sort];
