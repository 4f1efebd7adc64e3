/** Drafts, replies that wait a moment, and how the agent likes that: kept on the server, the same on every device. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Draft, Drafts, HeldReply, Preferences } from "@/api/drafts";
import type { MacroAction } from "@/api/macros";
import type { Attachment } from "@/api/types";
import type { ComposerMode } from "@/lib/desk";
import type { Recipients } from "@/lib/recipients";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";

/** What is kept of a box: images in the text stand there by their content id. */
export interface Letter {
  html: string;
  recipients: Recipients | null;
  attachments: Attachment[];
  actions: MacroAction[];
}

const path = (id: string): string => `/api/tickets/conversations/${encodeURIComponent(id)}/drafts`;

/** Asked for whenever a conversation is opened or the window is looked at again: another device may have written. */
export const draftsQuery = (id: string) =>
  queryOptions({
    queryKey: keys.drafts(id),
    queryFn: ({ signal }) => call<Drafts>(path(id), { signal }),
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

export async function putDraft(
  client: QueryClient,
  id: string,
  mode: ComposerMode,
  rev: number,
  letter: Letter,
): Promise<Draft> {
  const kept = await call<Draft>(path(id), { method: "PUT", body: { mode, rev, ...letter } });
  showDraft(client, id, mode, kept);
  return kept;
}

export function showDraft(client: QueryClient, id: string, mode: ComposerMode, draft: Draft): void {
  void client.cancelQueries({ queryKey: keys.drafts(id) });
  client.setQueryData<Drafts>(keys.drafts(id), (now) => now && { ...now, [mode]: draft });
}

export const outboxQuery = queryOptions({
  queryKey: keys.outbox,
  queryFn: async ({ signal }) => {
    const { items } = await call<{ items: HeldReply[] }>("/api/tickets/outbox", { signal });
    return items;
  },
  staleTime: Number.POSITIVE_INFINITY,
});

/** Throws ApiError `not_held` when it has left. */
export const takeBack = (id: string): Promise<{ conversation_id: string; draft: Draft }> =>
  call(`/api/tickets/outbox/${encodeURIComponent(id)}/undo`, { method: "POST" });

export const preferencesQuery = queryOptions({
  queryKey: keys.preferences,
  queryFn: ({ signal }) => call<Preferences>("/api/tickets/preferences", { signal }),
  staleTime: 5 * 60_000,
});

/** For how many seconds a reply can be taken back: what there is to choose from; 0: not at all. */
export const UNDO_SECONDS = [0, 5, 7, 10];

export const putPreferences = (client: QueryClient, wanted: Preferences): Promise<void> =>
  showWhileKept<Preferences>(
    client,
    keys.preferences,
    () => wanted,
    (body) => call("/api/tickets/preferences", { method: "PUT", body }),
  );
