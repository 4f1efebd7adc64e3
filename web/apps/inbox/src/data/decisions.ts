/** Why a rule did something: the decision with its trace, as routing stored it. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { RuleTrace } from "@/api/traces";
import { together } from "@/lib/together";
import { keys } from "./keys";

export interface Decision {
  id: string;
  at: string;
  trigger: { event: string; seq: number; after: string };
  actions: { kind: string; agent_id?: string; reason?: string }[];
  waiting: string | null;
  waits: { rule: { id: string; name: string; version: number }; due_at: string }[];
  /** Those that will not be asked again, as too many wait already. */
  crowded: { id: string; name: string; version: number }[];
  rules: RuleTrace[];
  /** What the message scored; null where there was none to look at. */
  spam: { score: number; reasons: string[] } | null;
}

/** Why nobody has it yet. */
export interface Waiting {
  decision_id: string;
  reason: string;
  since: string;
}

/** What was decided about a conversation, oldest first, and why nobody has it yet. */
export interface Decisions {
  items: Decision[];
  waiting: Waiting | null;
}

/** The latest of them, as of the conversation's `seq`. */
export const decisionsQuery = (conversationId: string, seq: number, limit: number) =>
  queryOptions({
    queryKey: keys.decisions(conversationId, seq, limit),
    queryFn: ({ signal }) =>
      call<Decisions>(
        `/api/routing/conversations/${encodeURIComponent(conversationId)}/decisions?limit=${limit}`,
        { signal },
      ),
    // Routing may decide what changes nothing of the conversation: that nobody can have it.
    refetchInterval: 15_000,
    // What is shown stays while the conversation moves on.
    placeholderData: (before: Decisions | undefined, query) =>
      query?.queryKey[1] === conversationId ? before : undefined,
  });

const whyWaiting = together(
  async (ids) => {
    const asked = new URLSearchParams(ids.map((id) => ["conversation_id", id]));
    const { items } = await call<{ items: (Waiting & { conversation_id: string })[] }>(
      `/api/routing/waiting?${asked}`,
    );
    return new Map(items.map((one) => [one.conversation_id, one]));
  },
  // A list that is scrolled by does not ask.
  { soon_ms: 200, most: 100 },
);

/** Why nobody has a conversation of a list; null where nobody was asked for. */
export const waitingQuery = (conversationId: string, seq: number) =>
  queryOptions<Waiting | null>({
    queryKey: keys.waiting(conversationId, seq),
    queryFn: ({ signal }) => whyWaiting(conversationId, signal),
    staleTime: 30_000,
    refetchInterval: 60_000,
    placeholderData: (before, query) => (query?.queryKey[1] === conversationId ? before : undefined),
  });

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.decision(id),
    queryFn: ({ signal }) => call<Decision>(`/api/routing/decisions/${encodeURIComponent(id)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
