/** Drafts, replies that wait a moment, and how the agent likes that: kept on the server, the same on every device. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Draft, Drafts, Entered, HeldReply, Preferences } from "@/api/drafts";
import type { MacroAction } from "@/api/macros";
import type { Attachment } from "@/api/types";
import type { About, DraftPlace } from "@/lib/draft-place";
import type { Recipients } from "@/lib/recipients";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";

/** What is kept of a box: images in the text stand there by their content id. */
export interface Letter {
  html: string;
  text: string;
  recipients: Recipients | null;
  attachments: Attachment[];
  actions: MacroAction[];
  fields: Record<string, Entered>;
}

export const NO_DRAFT: Draft = {
  rev: 0,
  html: "",
  text: "",
  recipients: null,
  attachments: [],
  actions: [],
  fields: {},
  updated_at: null,
};

const path = (about: About): string => `/api/tickets/${about && `${about}/`}drafts`;

/** Asked for whenever a box is opened or the window is looked at again: another device may have written. */
export const draftsQuery = (about: About) =>
  queryOptions({
    queryKey: keys.drafts(about),
    queryFn: async ({ signal }) => (await call<{ items: Drafts }>(path(about), { signal })).items,
    staleTime: 0,
    refetchOnWindowFocus: true,
  });

/** What is never answered would hold up whatever is written and sent after it. */
const ANSWER_WITHIN_MS = 30_000;

export async function putDraft(
  client: QueryClient,
  { about, box }: DraftPlace,
  rev: number,
  letter: Letter,
): Promise<Draft> {
  const kept = await call<Draft>(path(about), {
    method: "PUT",
    body: { box, rev, ...letter },
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  showDraft(client, { about, box }, kept);
  return kept;
}

export function showDraft(client: QueryClient, { about, box }: DraftPlace, draft: Draft): void {
  void client.cancelQueries({ queryKey: keys.drafts(about) });
  client.setQueryData<Drafts>(keys.drafts(about), (now) => now && { ...now, [box]: draft });
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
