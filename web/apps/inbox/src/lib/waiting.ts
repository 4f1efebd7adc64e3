/** What was done and has not reached the server, kept in this browser: one entry each, so that tabs don't overwrite. */
import type { ProfileEdit } from "@/api/contacts";
import type { TicketHead } from "@/api/tickets";
import type { Head } from "@/api/types";
import { type About, aboutContact, aboutConversation, aboutTicket } from "@/lib/draft-place";
import { recall } from "@/lib/keep";

/** Of what was written: the box and the draft that it came from, and how it begins. */
export interface Written {
  mode: "reply" | "note" | "comment" | "update";
  rev: number;
  letter: unknown;
  begins: string;
}

interface Done {
  /** The Idempotency-Key: sent again with it, nothing happens twice. */
  key: string;
  agentId: string;
  path: string;
  /** POST where nothing is said. */
  method?: "PATCH";
  body: unknown;
  /** Said when it is refused, before the reason. */
  refused: string;
  written?: Written | undefined;
  edited?: EditedField | undefined;
  /** Why the server refused what was written or edited; its author decides what becomes of it. `newer`: as somebody wrote meanwhile. */
  trouble?: { words: string; newer: boolean } | undefined;
}

/** `change`: what the head will look like; shown until there is an answer. */
export interface ToTicket extends Done {
  ticketId: string;
  change?: Partial<TicketHead>;
}

/** What the head becomes; of its attributes those that are named. */
export type HeadChange = Partial<Omit<Head, "attributes">> & Pick<ProfileEdit, "attributes">;

export interface ToConversation extends Done {
  conversationId: string;
  change?: HeadChange;
}

/** Of a field that is edited: its label, and what it is to be; `typed`: in those words. */
export interface EditedField {
  field: string;
  /** The id of the desk's own attribute that it is. */
  attribute?: string;
  words: string;
  typed: boolean;
}

/** `change`: laid over the contact while it waits. */
export interface ToContact extends Done {
  contactId: string;
  change?: ProfileEdit;
}

export type Waiting = ToConversation | ToTicket | ToContact;

/** What somebody wrote. */
export type Unsent = Waiting & { written: Written };

/** A field that somebody edited. */
export type Edit = (ToConversation | ToContact) & { edited: EditedField };

/** What it is done to: one thing after another is done to the same. */
export function aboutOf(
  entry: Pick<ToConversation, "conversationId"> | Pick<ToTicket, "ticketId"> | Pick<ToContact, "contactId">,
): About {
  if ("ticketId" in entry) return aboutTicket(entry.ticketId);
  return "contactId" in entry ? aboutContact(entry.contactId) : aboutConversation(entry.conversationId);
}

/** Whether its author's words are in it: then they decide what becomes of it when it is refused. */
export const hasWords = (entry: Waiting): boolean =>
  entry.written !== undefined || entry.edited !== undefined;

/** Whether it has its author's words, and was refused: they decide what becomes of it. */
export const isStuck = (entry: Waiting): boolean => entry.trouble !== undefined;

const PREFIX = "switchboard.waiting.";
let count = 0;
/** Where each entry lies; the names are in the order of what was done. */
const places = new Map<string, string>();

const nameOf = (key: string): string => {
  const known = places.get(key);
  if (known) return known;
  count += 1;
  const name = `${PREFIX}${String(Date.now()).padStart(15, "0")}.${String(count).padStart(6, "0")}.${key}`;
  places.set(key, name);
  return name;
};

/** False when this browser keeps nothing: then it is only tried now. */
export function put(entry: Waiting): boolean {
  try {
    localStorage.setItem(nameOf(entry.key), JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(nameOf(key));
  } catch {
    // Storage that is closed has nothing to forget.
  }
  places.delete(key);
}

/** Everything that this agent has waiting here, in the order it was done. */
export function listed(agentId: string): Waiting[] {
  const found: Waiting[] = [];
  for (const name of storedNames()) {
    const entry = recall<Waiting>(name.slice("switchboard.".length));
    if (entry?.agentId !== agentId) continue;
    places.set(entry.key, name);
    found.push(entry);
  }
  return found;
}

function storedNames(): string[] {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .sort();
  } catch {
    return [];
  }
}
