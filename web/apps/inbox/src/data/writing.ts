/** What is written to people: replies, notes, new conversations, and the files they carry. */
import { call } from "@/api/client";
import type { Address, Answer, Attachment } from "@/api/types";

export type Then = { kind: "close" } | { kind: "snooze"; until: string };

export interface Reply {
  html: string;
  to: Address[];
  cc: Address[];
  bcc: Address[];
  attachments: Attachment[];
  then?: Then | undefined;
  /** The last entry the writer had on the screen; a newer customer message is answered with 409. */
  seen_seq: number;
}

const path = (id: string): string => `/api/tickets/conversations/${encodeURIComponent(id)}`;

export const sendReply = (id: string, reply: Reply, idempotencyKey: string): Promise<Answer> =>
  call<Answer>(`${path(id)}/reply`, { method: "POST", body: reply, idempotencyKey });

export const addNote = (
  id: string,
  note: { html: string; mentions: string[] },
  idempotencyKey: string,
): Promise<Answer> => call<Answer>(`${path(id)}/note`, { method: "POST", body: note, idempotencyKey });

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
