/**
 * What was done here and is not answered yet: on its way, or waiting for the connection. A conversation or ticket is
 * shown with it, whatever an earlier answer or the live news say meanwhile.
 */
import { signedInId } from "@/api/client";
import type { Contact, ContactAnswer, ProfileEdit } from "@/api/contacts";
import type { TicketHead } from "@/api/tickets";
import type { ConversationRow } from "@/api/types";
import { type About, aboutContact, aboutConversation, aboutTicket, type DraftPlace } from "@/lib/draft-place";
import { createStore } from "@/lib/store";
import { aboutOf, isStuck, listed, type ToContact, type Unsent, type Waiting } from "@/lib/waiting";

/** What waits, to be shown; entries that are on their way for the first time are not among it. */
export const queue = createStore<{ waiting: readonly Waiting[] }>({ waiting: [] });

/** On their way for the first time, or behind another one of the same conversation or ticket. */
export const underway = new Map<string, Waiting>();

/** Look again at what waits; another tab may have changed it. */
export function refreshQueue(): void {
  queue.set({ waiting: listed(signedInId()).filter((entry) => !underway.has(entry.key)) });
}

/** What was written about it and waits, or was refused. */
export const unsentTo = (waiting: readonly Waiting[], about: About): Unsent[] =>
  waiting.filter((entry): entry is Unsent => entry.written !== undefined && aboutOf(entry) === about);

/** In the order in which it was done. */
const undecided = (about: About): Waiting[] =>
  [...queue.get().waiting, ...underway.values()].filter(
    (entry) => aboutOf(entry) === about && entry.agentId === signedInId(),
  );

/** Whether something written in this box waits still, or is on its way at this moment. */
export const waitsFor = ({ about, box }: DraftPlace): boolean =>
  undecided(about).some(({ written }) => written?.mode === box);

const changesOf = (about: About): object[] => undecided(about).flatMap(({ change }) => change ?? []);

/** The row with what is not answered yet laid over what the server said. */
export function withUndecided(row: ConversationRow): ConversationRow {
  const { told = row.head, unread } = row;
  const changes = changesOf(aboutConversation(told.id));
  if (changes.length > 0) return { head: Object.assign({}, told, ...changes), told, unread };
  return row.told ? { head: told, unread } : row;
}

/** A ticket as it is shown. `told`: as the server said it is, where something else is shown meanwhile. */
export interface ShownTicket extends TicketHead {
  told?: TicketHead;
}

/** The same of a ticket. */
export function ticketWithUndecided(shown: ShownTicket): ShownTicket {
  const { told = shown } = shown;
  const changes = changesOf(aboutTicket(told.id));
  return changes.length > 0 ? Object.assign({}, told, ...changes, { told }) : told;
}

/** A contact as it is shown. `told`: as the server said it is, where something else is shown meanwhile. */
export interface ShownContact extends ContactAnswer {
  told?: Contact;
}

/** Edits of a contact that wait, or were refused; also those of one that is part of it by now. */
export function editsOf(
  waiting: readonly Waiting[],
  contact: Pick<Contact, "id" | "merged_ids">,
): ToContact[] {
  const abouts = new Set([contact.id, ...contact.merged_ids].map(aboutContact));
  return waiting.filter((entry): entry is ToContact => "contactId" in entry && abouts.has(aboutOf(entry)));
}

/** The same of a contact. What is on its way for the first time stands in its open field, and is not laid over it. */
export function contactWithUndecided(shown: ShownContact): ShownContact {
  const { told = shown.contact, merged } = shown;
  const edits = editsOf(queue.get().waiting, told).filter((entry) => !isStuck(entry));
  if (edits.length === 0) return { contact: told, merged };
  return { contact: edits.reduce((contact, { change }) => edited(contact, change), told), merged, told };
}

function edited(contact: Contact, { attributes = {}, ...fields }: ProfileEdit): Contact {
  const kept = contact.attributes.filter(({ id }) => !(id in attributes));
  const named = Object.entries(attributes).flatMap(([id, value]) => (value === null ? [] : [{ id, value }]));
  return { ...contact, ...fields, attributes: [...kept, ...named] };
}
