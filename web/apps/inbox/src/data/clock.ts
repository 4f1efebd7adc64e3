/** When a rule at times of the clock will be asked next. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { ClockTimes } from "@/api/rules";
import { keys } from "./keys";

export interface NextTimes {
  zone: string;
  at: string[];
}

export const nextTimesQuery = (asked: { clock: ClockTimes; brand_ids: string[] }) =>
  queryOptions({
    queryKey: keys.nextTimes(asked),
    queryFn: ({ signal }) =>
      call<{ items: NextTimes[] }>("/api/routing/rules/times", { method: "POST", body: asked, signal }),
    staleTime: 30_000,
    retry: false,
  });
