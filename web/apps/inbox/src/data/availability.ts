/** Who is online or away, and changing one's own. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { AgentStatus, Availability, NewReplies } from "@/api/people";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";

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

/** Refused: one's own row as it was `before`, where it is not another one by now. What is known of others stays. */
export function withoutChange(
  now: Availabilities | undefined,
  changed: Partial<Availability> & { agent_id: string },
  before: Availability | undefined,
): Availabilities | undefined {
  const row = now?.items.find((each) => each.agent_id === changed.agent_id);
  if (!now || !row) return now;
  const back = Object.keys(changed).filter((name) => isSame(row, changed, name as keyof Availability));
  const others = now.items.filter((each) => each !== row);
  if (!before) return back.length === Object.keys(changed).length ? { ...now, items: others } : now;
  const was = Object.fromEntries(back.map((name) => [name, before[name as keyof Availability]]));
  return { ...now, items: [...others, { ...row, ...was }] };
}

const isSame = (
  one: Partial<Availability>,
  other: Partial<Availability>,
  name: keyof Availability,
): boolean => one[name] === other[name];

/** Show it at once; put one's own row back when it is refused (throws). */
function change(
  client: QueryClient,
  changed: Partial<Availability> & { agent_id: string },
  path: string,
  body: object,
): Promise<void> {
  const shown = client.getQueryData<Availabilities>(keys.availability);
  const before = shown?.items.find((each) => each.agent_id === changed.agent_id);
  return showWhileKept<Availabilities | undefined>(
    client,
    keys.availability,
    (now) => withAvailability(now, changed),
    () => call(`/api/routing/availability/me${path}`, { method: "PUT", body }),
    (now) => withoutChange(now, changed, before),
  );
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
