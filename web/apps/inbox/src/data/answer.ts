/** What a command's answer changes in what is shown. */
import type { QueryClient } from "@tanstack/react-query";
import type { HeldReply } from "@/api/drafts";
import type { Answer } from "@/api/types";
import { meQuery } from "./directory";
import { keys } from "./keys";
import { knownRow, patchHead, patchTimeline, refreshCounts } from "./patch";

export const agentIdOf = (client: QueryClient): string =>
  client.getQueryData(meQuery.queryKey)?.agent.agent_id ?? "";

/** Show a conversation anew: something was done to it here, or what was done is refused. */
export function showAgain(client: QueryClient, id: string): void {
  const row = knownRow(client, id);
  if (row) patchHead(client, row.told ?? row.head, agentIdOf(client));
}

/** Write the answer of a command into the cache. */
export function applyAnswer(client: QueryClient, answer: Answer): void {
  patchHead(client, answer.head, agentIdOf(client));
  patchTimeline(client, answer.head.id, answer.events);
  refreshCounts(client);
  const { held } = answer;
  if (!held) return;
  client.setQueryData<HeldReply[]>(keys.outbox, (now = []) => [...now, held]);
  // What was asked for before this one was held comes without it.
  if (client.isFetching({ queryKey: keys.outbox })) void client.invalidateQueries({ queryKey: keys.outbox });
}
