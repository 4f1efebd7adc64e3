/** Why a rule did something: the decision with its trace, as routing stored it. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import { keys } from "./keys";

type Shown = boolean | number | string | (boolean | number | string)[] | null;

export interface ConditionTrace {
  place: string;
  field: string;
  operator: string;
  value: Shown;
  seen: Shown;
  held: boolean;
}

export interface GroupTrace {
  place: string;
  joined: "all" | "any" | "none";
  held: boolean;
  children: (GroupTrace | ConditionTrace)[];
}

export interface RuleTrace {
  rule_id: string;
  name: string;
  version: number;
  matched: boolean;
  stopped: boolean;
  conditions: GroupTrace | null;
}

export interface Decision {
  id: string;
  at: string;
  trigger: { event: string; seq: number };
  actions: { kind: string; agent_id?: string; reason?: string }[];
  waiting: string | null;
  rules: RuleTrace[];
}

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: keys.decision(id),
    queryFn: ({ signal }) => call<Decision>(`/api/routing/decisions/${encodeURIComponent(id)}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
