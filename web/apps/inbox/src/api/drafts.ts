/** The JSON shapes of what is written and not sent yet: drafts, and replies that wait a moment. */
import type { MacroAction } from "./macros";
import type { Address, Attachment } from "./types";

/** `rev` 0: nothing was ever written. `recipients` null: whom the conversation says. */
export interface Draft {
  rev: number;
  html: string;
  recipients: { to: Address[]; cc: Address[]; bcc: Address[] } | null;
  attachments: Attachment[];
  actions: MacroAction[];
  updated_at: string | null;
}

export interface Drafts {
  reply: Draft;
  note: Draft;
}

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
