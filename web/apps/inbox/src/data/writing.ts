/** What is written to people: replies, notes, new conversations, and the files they carry. */
import { call } from "@/api/client";
import type { MacroAction } from "@/api/macros";
import type { Address, Answer, Attachment } from "@/api/types";

export type Then = { kind: "close" } | { kind: "snooze"; until: string };

export interface Reply {
  html: string;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  attachments: Attachment[];
  then?: Then | undefined;
  /** The last entry the writer had on the screen: with a newer message there the answer is 409. Null: sent anyway. */
  seen_seq: number | null;
  /** Let it wait for the agent's seconds, in which it can be taken back. */
  hold: boolean;
  actions: MacroAction[];
}

const path = (id: string): string => `/api/tickets/conversations/${encodeURIComponent(id)}`;

export const replyPath = (id: string): string => `${path(id)}/reply`;
export const notePath = (id: string): string => `${path(id)}/note`;

/** `mentions` are agents' ids, `teams` those of teams that are mentioned whole. */
export interface Note {
  html: string;
  mentions: string[];
  teams: string[];
  attachments: Attachment[];
}

export interface NewConversation {
  brand_id: string;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  subject: string;
  html: string;
  attachments: Attachment[];
}

export const startConversation = (conversation: NewConversation, idempotencyKey: string): Promise<Answer> =>
  call<Answer>("/api/tickets/conversations", { method: "POST", body: conversation, idempotencyKey });

/** Keep a file with ingest; its id goes into the reply. */
export function upload(file: File): Promise<Attachment> {
  const form = new FormData();
  form.append("file", file, file.name || "pasted-image.png");
  return call<Attachment>("/api/ingest/attachments", { method: "POST", form });
}
