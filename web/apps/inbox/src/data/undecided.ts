/**
 * What was done here and is not answered yet: on its way, or waiting for the connection. A conversation or ticket is
 * shown with it, whatever an earlier answer or the live news say meanwhile.
 */
import { signedInId } from "@/api/client";
import type { AttributeValue, Contact, ContactAnswer, ProfileEdit } from "@/api/contacts";
import type { TicketHead } from "@/api/tickets";
import type { ConversationRow } from "@/api/types";
import { type About, aboutContact, aboutConversation, aboutTicket, type DraftPlace } from "@/lib/draft-place";
import { createStore } from "@/lib/store";
import { aboutOf, type Edit, isStuck, listed, type Unsent, type Waiting } from "@/lib/waiting";

/** What waits, to be shown; entries that are on their way for the first time are not among it. */
export const queue = createStore<{ waiting: readonly Waiting[] }>({ waiting: [] });

/** On their way for the first time, or behind another one of the same conversation or ticket. */
export const underway = new Map<string, Waiting>();

/** Look again at what waits; another tab may have changed it. */
export function refreshQueue(): void {
  queue.set({ waiting: listed(signedInId()).filter((entry) => !underway.has(entry.key)) });
}

/** What was written about it and waits, or was refused. */
export const unsentTo = (waiting: readonly Waiting[], ...abouts: readonly About[]): Unsent[] =>
  waiting.filter((entry): entry is Unsent => entry.written !== undefined && abouts.includes(aboutOf(entry)));

/** In the order in which it was done. */
const undecided = (...abouts: readonly About[]): Waiting[] =>
  [...queue.get().waiting, ...underway.values()].filter(
    (entry) => abouts.includes(aboutOf(entry)) && entry.agentId === signedInId(),
  );

/** Whether something written in this box waits still, or is on its way at this moment. */
export const waitsFor = ({ about, box }: DraftPlace): boolean =>
  undecided(about).some(({ written }) => written?.mode === box);

/** A field on its way for the first time stands open until there is an answer; one that was refused stands beside. */
const isLaidOver = (entry: Waiting): boolean => !entry.edited || !(isStuck(entry) || underway.has(entry.key));

const changesOf = (...abouts: readonly About[]): object[] =>
  undecided(...abouts).flatMap((entry) => (isLaidOver(entry) ? (entry.change ?? []) : []));

/** The row with what is not answered yet laid over what the server said. */
export function withUndecided(row: ConversationRow): ConversationRow {
  const { told = row.head, unread } = row;
  const changes = changesOf(aboutConversation(told.id));
  if (changes.length > 0) return { head: changes.reduce(edited, told), told, unread };
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

/** Edits of fields that wait, or were refused. */
export const editsOf = (waiting: readonly Waiting[], ...abouts: readonly About[]): Edit[] =>
  waiting.filter((entry): entry is Edit => entry.edited !== undefined && abouts.includes(aboutOf(entry)));

/** A contact, and those that are part of it by now. */
export const aboutsOf = (contact: Pick<Contact, "id" | "merged_ids">): About[] =>
  [contact.id, ...contact.merged_ids].map(aboutContact);

/** The same of a contact. */
export function contactWithUndecided(shown: ShownContact): ShownContact {
  const { told = shown.contact, merged } = shown;
  const changes = changesOf(...aboutsOf(told));
  if (changes.length === 0) return { contact: told, merged };
  return { contact: changes.reduce(edited, told), merged, told };
}

/** With a change laid over it: the attributes that it names, and its other fields. */
function edited<T extends { attributes: AttributeValue[] }>(
  shown: T,
  { attributes = {}, ...fields }: Pick<ProfileEdit, "attributes">,
): T {
  const kept = shown.attributes.filter(({ id }) => !(id in attributes));
  const named = Object.entries(attributes).flatMap(([id, value]) => (value === null ? [] : [{ id, value }]));
  return { ...shown, ...fields, attributes: [...kept, ...named] };
}
