/** The JSON shapes of what is written and not sent yet: drafts, and replies that wait a moment. */
import type { MacroAction } from "./macros";
import type { Address, Attachment } from "./types";

/** What a form holds of one of its fields. */
export type Entered = string | number | boolean | string[] | null;

/**
 * `rev` 0: nothing was ever written. A letter's words are `html`, those of a plain box `text`; `fields` is what else
 * the form holds, by names of its own. `recipients` null: whom the conversation says.
 */
export interface Draft {
  rev: number;
  html: string;
  text: string;
  recipients: { to: Address[]; cc: Address[]; bcc: Address[] } | null;
  attachments: Attachment[];
  actions: MacroAction[];
  fields: Record<string, Entered>;
  updated_at: string | null;
}

/** By box; one that nothing was ever written in is not among them. */
export type Drafts = Record<string, Draft>;

/** It leaves in `left_s` seconds; with a `problem` it could not, and waits for its author. */
export interface HeldReply {
  id: string;
  conversation_id: string;
  contact_name: string;
  then?: "close" | "snooze" | null;
  left_s: number;
  problem: string;
}

export interface Preferences {
  /** Seconds; 0: replies leave at once. */
  undo_send_s: number;
}
