/** Who has what, what is late, what was done today; and how long somebody was in each status. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Dashboard, History } from "@/api/dashboard";
import { keys } from "./keys";

/** News asks for it anew at once; this finds what no news told. */
const AGAIN_MS = 15_000;

export const dashboardQuery = queryOptions({
  queryKey: keys.dashboard,
  queryFn: ({ signal }) => call<Dashboard>("/api/tickets/dashboard", { signal }),
  refetchInterval: AGAIN_MS,
  retry: false,
});

const HISTORY_DAYS = 7;

/** The last seven days up to today, by the reader's calendar. */
export const historyQuery = (agentId: string, now: Date) => {
  const day = (before: number): string => {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - before);
    const two = (number: number): string => String(number).padStart(2, "0");
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  };
  const path = `/api/routing/availability/${encodeURIComponent(agentId)}/history`;
  return queryOptions({
    queryKey: keys.statusHistory(agentId, day(0)),
    queryFn: ({ signal }) => call<History>(`${path}?from=${day(HISTORY_DAYS - 1)}&to=${day(0)}`, { signal }),
    retry: false,
  });
};
