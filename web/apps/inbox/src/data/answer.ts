/** What a command's answer changes in what is shown. */
import type { QueryClient } from "@tanstack/react-query";
import type { HeldReply } from "@/api/drafts";
import type { Answer } from "@/api/types";
import { meQuery } from "./directory";
import { keys } from "./keys";
import { patchHead, patchTimeline, refreshCounts } from "./patch";

export const agentIdOf = (client: QueryClient): string =>
  client.getQueryData(meQuery.queryKey)?.agent.agent_id ?? "";

/** Write the answer of a command into the cache. */
export function applyAnswer(client: QueryClient, answer: Answer): void {
  patchHead(client, answer.head, agentIdOf(client));
  patchTimeline(client, answer.head.id, answer.events);
  refreshCounts(client);
  const { held } = answer;
  if (held) client.setQueryData<HeldReply[]>(keys.outbox, (now = []) => [...now, held]);
}
