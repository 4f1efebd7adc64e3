/** What was written and not sent, kept in this browser for each agent, conversation and tab. */
import type { Attachment } from "@/api/types";
import type { ComposerMode } from "@/lib/desk";
import { keep, recall } from "@/lib/keep";
import type { Recipients } from "@/lib/recipients";

export interface Draft {
  html: string;
  recipients: Recipients | null;
  attachments: Attachment[];
}

const nameOf = (agentId: string, conversationId: string, mode: ComposerMode): string =>
  `draft.${agentId}.${conversationId}.${mode}`;

export const readDraft = (agentId: string, conversationId: string, mode: ComposerMode): Draft | null =>
  recall<Draft>(nameOf(agentId, conversationId, mode));

/** Null forgets it. False when this browser keeps nothing. */
export const keepDraft = (
  agentId: string,
  conversationId: string,
  mode: ComposerMode,
  draft: Draft | null,
): boolean => keep(nameOf(agentId, conversationId, mode), draft);
