/** Merging conversations, side conversations, following. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { SideConversation } from "@/api/beside";
import { call, sentenceOf } from "@/api/client";
import type { Address, Answer, Attachment, Head } from "@/api/types";
import { toast } from "@/ui/toast";
import { applyAnswer } from "./commands";
import { keys } from "./keys";

const path = (id: string): string => `/api/tickets/conversations/${encodeURIComponent(id)}`;

/** Both conversations changed; the answer tells of one. */
function applyBoth(client: QueryClient, answer: Answer, ids: readonly string[]): void {
  applyAnswer(client, { ...answer, events: [] });
  for (const id of ids) {
    void client.invalidateQueries({ queryKey: keys.conversation(id) });
    void client.invalidateQueries({ queryKey: keys.timeline(id) });
  }
  void client.invalidateQueries({ queryKey: keys.lists });
  void client.invalidateQueries({ queryKey: keys.contactConversationLists });
}

export async function mergeInto(
  client: QueryClient,
  merged: Head,
  kept: Head,
  subject: string,
): Promise<Head> {
  const body = { into_id: kept.id, subject };
  const answer = await call<Answer>(`${path(merged.id)}/merge`, { method: "POST", body });
  applyBoth(client, answer, [merged.id, kept.id]);
  return answer.head;
}

/** Take `mergedId` out of `keptId` again; says so when that is not possible any more. */
export async function takeApart(client: QueryClient, mergedId: string, keptId: string): Promise<boolean> {
  try {
    const answer = await call<Answer>(`${path(mergedId)}/unmerge`, { method: "POST", body: {} });
    applyBoth(client, answer, [mergedId, keptId]);
    return true;
  } catch (error) {
    toast(`Still merged. ${sentenceOf(error)}`, undefined, "error");
    return false;
  }
}

export async function follow(client: QueryClient, head: Head, wanted: boolean): Promise<void> {
  try {
    const body = { follow: wanted };
    applyAnswer(client, await call<Answer>(`${path(head.id)}/follow`, { method: "POST", body }));
    toast(wanted ? "You follow this conversation" : "You don’t follow it any more");
  } catch (error) {
    toast(`That didn’t work. ${sentenceOf(error)}`, undefined, "error");
  }
}

/** `count`: how many mails there are by now, so that one more asks again. */
export const sideQuery = (id: string, sideId: string, count: number) =>
  queryOptions({
    queryKey: keys.side(id, sideId, count),
    queryFn: ({ signal }) =>
      call<SideConversation>(`${path(id)}/sides/${encodeURIComponent(sideId)}`, { signal }),
    staleTime: 30_000,
    placeholderData: (before) => (before?.side.id === sideId ? before : undefined),
  });

export interface SideLetter {
  to: Address[];
  cc: Address[];
  html: string;
  attachments: Attachment[];
  /** Only of the first. */
  subject?: string;
}

/** Write in a side conversation; `sideId` null begins one. */
export function writeBeside(
  id: string,
  sideId: string | null,
  letter: SideLetter,
  idempotencyKey: string,
): Promise<Answer> {
  const where = sideId ? `sides/${encodeURIComponent(sideId)}/reply` : "sides";
  return call<Answer>(`${path(id)}/${where}`, { method: "POST", body: letter, idempotencyKey });
}
