/** Contacts: lists, one contact, its past, and what is done to it. */
import {
  infiniteQueryOptions,
  type QueryClient,
  type QueryKey,
  queryOptions,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError, call } from "@/api/client";
import type {
  Condition,
  ConditionField,
  Contact,
  ContactAnswer,
  ContactConversations,
  ContactEntry,
  ContactPage,
  Count,
  ProfileEdit,
  Segment,
  Segments,
} from "@/api/contacts";
import type { TicketHead } from "@/api/tickets";
import { LET_ANSWER, soon } from "@/lib/soon";
import type { EditedField, Written } from "@/lib/waiting";
import { applyContact } from "./contact-shown";
import { keys } from "./keys";
import { deliver } from "./queue";
import { contactWithUndecided } from "./undecided";

export type ContactSort = "name" | "newest";

export interface ContactFilter {
  text: string;
  segment: string;
  sort: ContactSort;
}

const path = (id: string): string => `/api/tickets/contacts/${encodeURIComponent(id)}`;

function pagePath(filter: ContactFilter, cursor: string | null): string {
  const query = new URLSearchParams({ limit: "50" });
  if (filter.text) query.set("q", filter.text);
  else {
    query.set("sort", filter.sort);
    if (filter.segment !== "all") query.set("segment_id", filter.segment);
    if (cursor) query.set("cursor", cursor);
  }
  return `/api/tickets/contacts?${query}`;
}

export const contactListQuery = (filter: ContactFilter) =>
  infiniteQueryOptions({
    queryKey: keys.contactList(filter),
    queryFn: ({ pageParam, signal }) => call<ContactPage>(pagePath(filter, pageParam), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 10_000,
  });

export const contactQuery = (id: string) =>
  queryOptions({
    queryKey: keys.contact(id),
    queryFn: async ({ signal }) => contactWithUndecided(await call<ContactAnswer>(path(id), { signal })),
    staleTime: 10_000,
  });

export const contactTimelineQuery = (id: string) =>
  queryOptions({
    queryKey: keys.contactTimeline(id),
    queryFn: ({ signal }) => call<{ items: ContactEntry[] }>(`${path(id)}/timeline`, { signal }),
    staleTime: 10_000,
  });

export const contactConversationsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.contactConversations(id),
    queryFn: ({ signal }) => call<ContactConversations>(`${path(id)}/conversations?limit=20`, { signal }),
    staleTime: 10_000,
  });

const EVERY_STATE = ["submitted", "in_progress", "waiting_on_customer", "resolved"];

/** A person's back-office tickets, resolved ones too, the newest first. */
export const contactTicketsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.ticketList({ contact: id }),
    queryFn: ({ signal }) => {
      const query = new URLSearchParams([["contact_id", id], ...EVERY_STATE.map((each) => ["state", each])]);
      return call<{ items: TicketHead[] }>(`/api/tickets/tickets?${query}`, { signal });
    },
    staleTime: 10_000,
  });

export const alikeQuery = (id: string) =>
  queryOptions({
    queryKey: keys.alike(id),
    queryFn: ({ signal }) => call<{ items: Contact[] }>(`${path(id)}/alike`, { signal }),
    staleTime: 30_000,
  });

const asksWhatTheyDid = (segments: Segments | undefined): boolean =>
  segments?.items.some(({ segment }) => segment.conditions.some(({ field }) => field === "did")) ?? false;

export const segmentsQuery = queryOptions({
  queryKey: keys.segments,
  queryFn: ({ signal }) => call<Segments>("/api/tickets/segments", { signal }),
  staleTime: 10_000,
  // What somebody does who has no conversation is told to no screen.
  refetchInterval: ({ state }) => (asksWhatTheyDid(state.data) ? 30_000 : false),
});

export interface Conditions {
  match: "all" | "any";
  conditions: Condition[];
}

export interface Preview extends Count {
  items: Contact[];
}

/** Who would be in a segment with these conditions. Throws ApiError that names what is wrong. */
export const previewQuery = (conditions: Conditions) =>
  queryOptions({
    queryKey: keys.preview(conditions),
    queryFn: ({ signal }) =>
      call<Preview>("/api/tickets/segments/preview", { method: "POST", body: conditions, signal }),
    staleTime: 10_000,
    retry: false,
  });

export async function saveSegment(client: QueryClient, id: string, body: Conditions & { name: string }) {
  const saved = await call<Segment>(`/api/tickets/segments/${encodeURIComponent(id)}`, {
    method: "PUT",
    body,
  });
  await client.invalidateQueries({ queryKey: keys.segments });
  void client.invalidateQueries({ queryKey: keys.contactLists });
  return saved;
}

export async function deleteSegment(client: QueryClient, id: string): Promise<void> {
  await call<Segment>(`/api/tickets/segments/${encodeURIComponent(id)}`, { method: "DELETE" });
  await client.invalidateQueries({ queryKey: keys.segments });
}

const OF_TALKS: ReadonlySet<ConditionField> = new Set<ConditionField>([
  "conversations",
  "unclosed_conversations",
  "first_wrote_at",
  "last_wrote_at",
  "last_answered_at",
  "talked_on_channel",
  "talked_with_brand",
  "talked_about_topic",
  "talked_with_tag",
  "ticket_type",
  "open_ticket",
  "did",
]);

/** The segments at hand that ask about conversations. */
function ofTalks(client: QueryClient): ReadonlySet<string> {
  const items = client.getQueryData<Segments>(keys.segments)?.items ?? [];
  const asking = items.filter(({ segment }) => segment.conditions.some(({ field }) => OF_TALKS.has(field)));
  return new Set(asking.map(({ segment }) => segment.segment_id));
}

const TALKS_MS = 30_000;
const countTalksSoon = soon<QueryClient>(TALKS_MS, (client) => {
  const asking = ofTalks(client);
  void client.invalidateQueries({ queryKey: keys.segments }, LET_ANSWER);
  const predicate = ({ queryKey }: { queryKey: QueryKey }): boolean =>
    asking.has((queryKey[1] as ContactFilter).segment);
  void client.invalidateQueries({ queryKey: keys.contactLists, predicate }, LET_ANSWER);
});

/** Something happened in a conversation: who is in segments that ask about them is counted anew, now and then. */
export function talksChanged(client: QueryClient): void {
  if (ofTalks(client).size > 0) countTalksSoon(client);
}

export interface ContactCommands {
  /** Waits where there is no line, which is no error. */
  edit(seenSeq: number, edit: ProfileEdit, of: EditedField): Promise<void>;
  /** False where it waits for the connection. */
  note(text: string, key: string, written: Written): Promise<boolean>;
  merge(otherId: string): Promise<ContactAnswer>;
  unmerge(otherId: string): Promise<ContactAnswer>;
  block(reason: string): Promise<ContactAnswer>;
  unblock(): Promise<ContactAnswer>;
}

/** What is done to one contact; each throws ApiError. */
export function contactCommands(client: QueryClient, id: string): ContactCommands {
  const post = async (step: string, body: unknown = {}): Promise<ContactAnswer> =>
    applyContact(client, await call<ContactAnswer>(`${path(id)}/${step}`, { method: "POST", body }));
  return {
    edit: async (seenSeq, edit, of) => {
      try {
        await deliver(client, {
          edited: of,
          key: crypto.randomUUID(),
          contactId: id,
          path: path(id),
          method: "PATCH",
          body: { ...edit, seen_seq: seenSeq },
          change: edit,
          refused: `${of.field} wasn’t changed.`,
        });
      } catch (error) {
        // Somebody was faster: what is there now is shown before it may be written over.
        if (error instanceof ApiError && error.status === 409) {
          await client.invalidateQueries({ queryKey: keys.contact(id) });
        }
        throw error;
      }
    },
    note: async (text, key, written) => {
      const to = `${path(id)}/notes`;
      const refused = "Your note wasn’t added.";
      return (
        (await deliver(client, { key, contactId: id, path: to, body: { text }, written, refused })) !== null
      );
    },
    merge: (otherId) => post("merge", { contact_id: otherId }),
    unmerge: async (otherId) => {
      const answer = await post("unmerge", { contact_id: otherId });
      void client.invalidateQueries({ queryKey: keys.contact(otherId) });
      return answer;
    },
    block: (reason) => post("block", { reason }),
    unblock: () => post("unblock"),
  };
}

export function useContactCommands(id: string): ContactCommands {
  const client = useQueryClient();
  return useMemo(() => contactCommands(client, id), [client, id]);
}

export async function createContact(
  client: QueryClient,
  body: ProfileEdit & { brand_id: string },
  idempotencyKey: string,
): Promise<Contact> {
  const answer = await call<ContactAnswer>("/api/tickets/contacts", { method: "POST", body, idempotencyKey });
  return applyContact(client, answer).contact;
}
