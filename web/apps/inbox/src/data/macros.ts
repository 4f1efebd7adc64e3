/** Macros: those that the agent may use, filled in for a conversation, and changed by who may. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { FilledMacro, Macro, MacroAction, Macros } from "@/api/macros";
import type { Names } from "./directory";
import { keys } from "./keys";

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

export type MacroEdit = Pick<Macro, "name" | "html" | "actions" | "brand_ids" | "team_ids" | "personal">;

const SHARED = "/api/tickets/shared-macros";

/** `seen` undefined: a new one. Everybody's is in force at once, where no approval is needed. Throws ApiError
 * `changed_meanwhile` or `stale_version` when somebody else was quicker. */
export async function putMacro(
  client: QueryClient,
  id: string,
  edit: MacroEdit,
  seen: Macro | undefined,
): Promise<Macro> {
  const { personal, ...written } = edit;
  const made = personal ? await putOwn(id, written, seen) : await putShared(written, seen);
  await client.invalidateQueries({ queryKey: keys.macros });
  return made;
}

type Written = Omit<MacroEdit, "personal">;
type SharedMacro = Written & { id: string; version: number };

async function putOwn(id: string, written: Written, seen: Macro | undefined): Promise<Macro> {
  const body = { ...written, seen_seq: seen?.seq ?? 0 };
  return await call<Macro>(`/api/tickets/macros/${id}`, { method: "PUT", body });
}

async function putShared(body: Written, seen: Macro | undefined): Promise<Macro> {
  const { id, version, ...made } = seen
    ? await call<SharedMacro>(`${SHARED}/${seen.macro_id}?publish=true`, {
        method: "PUT",
        body,
        ifMatch: seen.version ?? 0,
      })
    : await call<SharedMacro>(`${SHARED}?publish=true`, { method: "POST", body });
  return {
    ...made,
    macro_id: id,
    version,
    seq: seen?.seq ?? 0,
    personal: false,
    created_by: "",
    active: true,
  };
}

export async function deleteMacro(client: QueryClient, macro: Macro): Promise<void> {
  if (macro.personal) {
    await call(`/api/tickets/macros/${macro.macro_id}?seen_seq=${macro.seq}`, { method: "DELETE" });
  } else {
    const asked = { method: "POST", body: {}, ifMatch: macro.version ?? 0 } as const;
    await call(`${SHARED}/${macro.macro_id}/retire`, asked);
  }
  await client.invalidateQueries({ queryKey: keys.macros });
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
