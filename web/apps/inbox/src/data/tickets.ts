/** Tickets: lists, one ticket, and what is done to them. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type {
  FieldValue,
  LinkedConversation,
  TicketAnswer,
  TicketEntry,
  TicketHead,
  TicketState,
  TicketType,
} from "@/api/tickets";
import type { Answer } from "@/api/types";
import type { ToTicket, Written } from "@/lib/waiting";
import { applyAnswer } from "./answer";
import { keys } from "./keys";
import { deliver } from "./queue";
import { applyTicket, applyTicketAnswer, type TicketPage } from "./ticket-shown";
import { type ShownTicket, ticketWithUndecided } from "./undecided";

export type TicketSort = "newest" | "oldest" | "due" | "reports";

/** What a list of tickets shows; undefined: any. */
export interface TicketFilter {
  state?: TicketState;
  type?: string;
  team?: string;
  assignee?: string;
  kind?: "tracker";
  sort: TicketSort;
}

function narrowing({ type, team, assignee, kind }: Narrowed): URLSearchParams {
  return new URLSearchParams({
    ...(type && { type_id: type }),
    ...(team && { team_id: team }),
    ...(assignee !== undefined && { assignee_id: assignee }),
    ...(kind && { kind }),
  });
}

function pagePath(filter: TicketFilter, cursor: string | null): string {
  const query = narrowing(filter);
  query.set("sort", filter.sort);
  query.set("limit", "50");
  if (filter.state) query.append("state", filter.state);
  if (cursor) query.set("cursor", cursor);
  return `/api/tickets/tickets?${query}`;
}

export const ticketListQuery = (filter: TicketFilter) =>
  infiniteQueryOptions({
    queryKey: keys.ticketList(filter),
    queryFn: async ({ pageParam, signal }) => {
      const page = await call<TicketPage>(pagePath(filter, pageParam), { signal });
      return { ...page, items: page.items.map(ticketWithUndecided) };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 10_000,
  });

type Narrowed = Pick<TicketFilter, "type" | "team" | "assignee" | "kind">;

/** How many are not resolved, of all or of what a view narrows to. */
export const ticketCountsQuery = (of: Narrowed = {}) =>
  queryOptions({
    queryKey: [...keys.ticketCounts, of],
    queryFn: ({ signal }) =>
      call<{ counts: Record<string, number> }>(`/api/tickets/tickets/counts?${narrowing(of)}`, { signal }),
    staleTime: 10_000,
  });

const path = (id: string): string => `/api/tickets/tickets/${encodeURIComponent(id)}`;

export const ticketQuery = (id: string) =>
  queryOptions({
    queryKey: keys.ticket(id),
    queryFn: async ({ signal }) => ticketWithUndecided(await call<TicketHead>(path(id), { signal })),
    staleTime: 10_000,
  });

export const ticketTimelineQuery = (id: string) =>
  queryOptions({
    queryKey: keys.ticketTimeline(id),
    queryFn: ({ signal }) => call<{ items: TicketEntry[] }>(`${path(id)}/timeline`, { signal }),
    staleTime: 10_000,
  });

export const ticketConversationsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.ticketConversations(id),
    queryFn: ({ signal }) => call<{ items: LinkedConversation[] }>(`${path(id)}/conversations`, { signal }),
    staleTime: 10_000,
  });

export const trackersQuery = (text: string) =>
  queryOptions({
    queryKey: keys.trackers(text),
    queryFn: ({ signal }) =>
      call<TicketHead[]>(`/api/tickets/tickets/find?${new URLSearchParams({ text })}`, { signal }),
    staleTime: 10_000,
  });

export type Fields = Record<string, FieldValue | null>;

/** What is filled in at a ticket. */
export const filledIn = (ticket: TicketHead): Fields =>
  Object.fromEntries(ticket.fields.map(({ id, value }) => [id, value]));

/** Of `values`, those that a type asks for, in its order: others would be refused, and stay as they are. */
export const askedBy = ({ fields }: Pick<TicketType, "fields">, values: Fields): Fields =>
  Object.fromEntries(
    fields.flatMap(({ id }) => {
      const value = values[id];
      return value === undefined ? [] : [[id, value]];
    }),
  );

export interface NewTicket {
  type_id: string;
  title: string;
  fields: Fields;
  conversation_id: string | null;
  brand_id: string | null;
}

/** Throws ApiError; `ticket_exists` carries the one that is there. */
export async function submitTicket(client: QueryClient, body: NewTicket, key: string): Promise<TicketHead> {
  const answer = await call<TicketAnswer>("/api/tickets/tickets", {
    method: "POST",
    body,
    idempotencyKey: key,
  });
  applyTicket(client, answer.head);
  if (body.conversation_id) {
    void client.invalidateQueries({ queryKey: keys.conversation(body.conversation_id) });
    void client.invalidateQueries({ queryKey: keys.timeline(body.conversation_id) });
  }
  return answer.head;
}

export interface Update {
  html: string;
  reply: "none" | "all" | "chosen";
  conversation_ids: string[];
}

async function change(
  client: QueryClient,
  id: string,
  step: string,
  body: unknown,
  { key, method = "POST" }: { key: string; method?: "POST" | "PUT" },
): Promise<TicketHead> {
  const answer = await call<TicketAnswer>(`${path(id)}/${step}`, { method, body, idempotencyKey: key });
  applyTicketAnswer(client, answer);
  return answer.head;
}

/**
 * Shown at once, sent after what was done to the ticket before, and kept until it is answered: false where it waits for
 * the connection.
 */
async function act(
  client: QueryClient,
  id: string,
  step: string,
  doing: Pick<ToTicket, "change" | "written" | "body" | "refused"> & { key?: string },
): Promise<boolean> {
  const command = { key: crypto.randomUUID(), ticketId: id, path: `${path(id)}/${step}`, ...doing };
  return (await deliver(client, command)) !== null;
}

const changing = (change: Partial<TicketHead>, refused: string, body: unknown = change) => ({
  change,
  refused,
  body,
});

type Whose = { team_id: string | null } | { assignee_id: string | null };

/**
 * What is done to one ticket; each throws ApiError. What fills in its form needs the server's word: with the same `key` it
 * is done once, however often it is sent.
 */
export const ticketCommands = (client: QueryClient, id: string) => ({
  move: (state: TicketState) => act(client, id, "state", changing({ state }, "Not moved.")),
  /** `part` counts from what is shown, which has the choice before in it. */
  assign: (ticket: TicketHead, part: Whose) => {
    const { team_id = null, assignee_id = null } = {
      ...(client.getQueryData<ShownTicket>(keys.ticket(id)) ?? ticket),
      ...part,
    };
    return act(client, id, "assign", changing(part, "Not assigned.", { team_id, assignee_id }));
  },
  setDue: (due_at: string | null) => act(client, id, "due", changing({ due_at }, "Not set.")),
  resolve: (told: { fields?: Fields; update?: Update }, key: string) =>
    change(client, id, "state", { state: "resolved", ...told }, { key }),
  comment: (html: string, key: string, written: Written) =>
    act(client, id, "comments", { body: { html }, key, written, refused: "Your comment wasn’t added." }),
  post: (update: Update, key: string, written: Written) =>
    act(client, id, "updates", { body: update, key, written, refused: "Your update wasn’t posted." }),
  fill: (form: { title: string; fields: Fields; seen_seq: number }, key: string) =>
    change(client, id, "fields", form, { method: "PUT", key }),
});

export type LinkTo = { ticket_id: string } | { conversation_id: string } | { url: string; title: string };

export async function addLink(client: QueryClient, conversationId: string, to: LinkTo): Promise<void> {
  const links = `/api/tickets/conversations/${encodeURIComponent(conversationId)}/links`;
  applyAnswer(client, await call<Answer>(links, { method: "POST", body: to }));
}

export async function removeLink(client: QueryClient, conversationId: string, linkId: string): Promise<void> {
  const links = `/api/tickets/conversations/${encodeURIComponent(conversationId)}/links`;
  applyAnswer(client, await call<Answer>(`${links}/${encodeURIComponent(linkId)}`, { method: "DELETE" }));
}
