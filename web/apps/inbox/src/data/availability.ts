/** Who is online or away, and changing one's own. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { AgentStatus, Availability, NewReplies } from "@/api/people";
import { keys } from "./keys";

export interface Availabilities {
  items: Availability[];
  away_reasons: string[];
}

export const availabilityQuery = queryOptions({
  queryKey: keys.availability,
  queryFn: ({ signal }) => call<Availabilities>("/api/routing/availability", { signal }),
  staleTime: 60_000,
});

/** What is known of one agent, with something of it changed. */
export function withAvailability(
  now: Availabilities | undefined,
  changed: Partial<Availability> & { agent_id: string },
): Availabilities | undefined {
  if (!now) return now;
  const before = now.items.find((each) => each.agent_id === changed.agent_id);
  const others = now.items.filter((each) => each !== before);
  const unknown: Availability = { agent_id: changed.agent_id, status: "offline", reason: "" };
  return { ...now, items: [...others, { ...unknown, ...before, ...changed }] };
}

/** Show it at once; put it back when it is refused (throws). */
async function change(
  client: QueryClient,
  changed: Partial<Availability> & { agent_id: string },
  path: string,
  body: object,
): Promise<void> {
  const before = client.getQueryData<Availabilities>(keys.availability);
  client.setQueryData<Availabilities>(keys.availability, (now) => withAvailability(now, changed));
  try {
    await call(`/api/routing/availability/me${path}`, { method: "PUT", body });
  } catch (error) {
    client.setQueryData(keys.availability, before);
    throw error;
  }
}

/** `replies` undefined: as it was. */
export function setAvailability(
  client: QueryClient,
  agentId: string,
  status: AgentStatus,
  reason: string,
  replies?: NewReplies,
): Promise<void> {
  const body = { status, reason, ...(replies && { replies }) };
  const since = replies ? {} : { since: new Date().toISOString() };
  return change(client, { agent_id: agentId, ...body, ...since }, "", body);
}

/** Where one's clock is, and whether others may know. */
export function setPlace(
  client: QueryClient,
  agentId: string,
  timeZone: string,
  hidden: boolean,
): Promise<void> {
  const changed = { agent_id: agentId, time_zone: timeZone, hides_location: hidden };
  return change(client, changed, "/place", { time_zone: timeZone, hidden });
}
