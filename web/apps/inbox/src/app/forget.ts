import type { QueryClient } from "@tanstack/react-query";
import { onSession, signedInId } from "@/api/client";

/** What was answered to one agent is never shown to the next at the same window, however the session ended. */
export function forgetWithSession(client: QueryClient): () => void {
  let last = signedInId();
  return onSession((session) => {
    const next = session?.agent.agent_id;
    // Something may have been answered late, after the session was over.
    if (next === undefined || (last && next !== last)) client.clear();
    if (next !== undefined) last = next;
  });
}
