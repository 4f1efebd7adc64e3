/** Macros: those that the agent may use, filled in for a conversation, and written by who may. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, call } from "@/api/client";
import type { FilledMacro, Macro, MacroAction, MacroDraft, Macros, SharedMacro } from "@/api/macros";
import type { Names } from "./directory";
import { MACROS, refreshKind } from "./governed";
import { keys } from "./keys";
import { ASKED_ANEW, keptList, saveKept, withSeq } from "./versioned";

export const macrosQuery = queryOptions({
  queryKey: keys.macros,
  queryFn: ({ signal }) => call<Macros>("/api/tickets/macros", { signal }),
  staleTime: 60_000,
});

export const fillMacro = (conversationId: string, macroId: string): Promise<FilledMacro> =>
  call(`/api/tickets/conversations/${encodeURIComponent(conversationId)}/macros/${macroId}`, {
    method: "POST",
  });

/** Not of one that only does something. */
export const hasText = ({ html }: Macro): boolean => html.replace(/<[^>]*>/g, "").trim() !== "";

/** All of everybody's that are not retired, each at its latest version. */
export const sharedMacrosQuery = queryOptions({
  queryKey: keys.sharedMacros,
  queryFn: ({ signal }) => keptList<SharedMacro>(MACROS.path, signal),
  ...ASKED_ANEW,
});

const refresh = (client: QueryClient): Promise<void> => refreshKind(client, MACROS);

/** `id` null: a new one. `publish`: in force at once, else a draft. Throws ApiError `changed_meanwhile` when somebody else was quicker. */
export async function saveShared(
  client: QueryClient,
  id: string | null,
  draft: MacroDraft,
  version: number,
  publish: boolean,
): Promise<SharedMacro & { seq: number }> {
  const made = await saveKept<SharedMacro>(MACROS.path, id, draft, version, publish);
  await refresh(client);
  return withSeq(made);
}

/** One's own, in use at once. `seenSeq` 0: a new one, under an id that nobody else has. Throws ApiError `changed_meanwhile`. */
export async function saveOwn(
  client: QueryClient,
  id: string,
  draft: MacroDraft,
  seenSeq: number,
): Promise<Macro> {
  const put = (seen_seq: number): Promise<Macro> =>
    call(`/api/tickets/macros/${id}`, { method: "PUT", body: { ...draft, seen_seq } });
  const made = await put(seenSeq).catch((error: unknown) => {
    // It was made by a try before, whose answer was lost.
    if (seenSeq === 0 && error instanceof ApiError && error.code === "changed_meanwhile") {
      return put((error.existing as Macro).seq);
    }
    throw error;
  });
  await refresh(client);
  return made;
}

export async function deleteOwn(client: QueryClient, macro: Macro): Promise<void> {
  await call(`/api/tickets/macros/${macro.macro_id}?seen_seq=${macro.seq}`, { method: "DELETE" });
  await refresh(client);
}

/** "Refund started" → "refund-started-x1y2": readable, and nobody else's. */
export function macroIdOf(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${words.slice(0, 60) || "macro"}-${crypto.randomUUID().slice(0, 6)}`;
}

/** "Tag refund", "Snooze 24 hours": what an action will do, for people. */
export function actionWords({ kind, value }: MacroAction, names: Names): string {
  switch (kind) {
    case "tag":
      return `Tag ${value}`;
    case "untag":
      return `Remove tag ${value}`;
    case "topic":
      return `Topic ${value}`;
    case "priority":
      return "Priority";
    case "team":
      return `Assign to ${names.teamName(value)}`;
    case "agent":
      return value === "me" ? "Assign to me" : `Assign to ${names.agentName(value)}`;
    case "snooze":
      return `Snooze ${value} ${value === "1" ? "hour" : "hours"}`;
    case "close":
      return "Close";
  }
}
