/** Who is online or away, and changing one's own. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { AgentStatus, Availability } from "@/api/types";
import { keys } from "./keys";

export const availabilityQuery = queryOptions({
  queryKey: keys.availability,
  queryFn: ({ signal }) => call<{ items: Availability[] }>("/api/routing/availability", { signal }),
  staleTime: 60_000,
});

export const AWAY_REASONS = ["Break/Lunch", "Coaching", "In a meeting"] as const;

type Availabilities = { items: Availability[] };

function withStatus(now: Availabilities | undefined, mine: Availability): Availabilities {
  const others = now?.items.filter((each) => each.agent_id !== mine.agent_id) ?? [];
  return { items: [...others, mine] };
}

/** Set the agent's own status; shown at once and put back when refused (throws). */
export async function setAvailability(
  client: QueryClient,
  agentId: string,
  status: AgentStatus,
  reason: string,
): Promise<void> {
  const before = client.getQueryData<Availabilities>(keys.availability);
  const wanted: Availability = { agent_id: agentId, status, reason, since: new Date().toISOString() };
  client.setQueryData<Availabilities>(keys.availability, (now) => withStatus(now, wanted));
  try {
    await call("/api/routing/availability/me", { method: "PUT", body: { status, reason } });
  } catch (error) {
    client.setQueryData(keys.availability, before);
    throw error;
  }
}
