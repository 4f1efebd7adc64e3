/** What rules were asked and what they saw, as routing tells it. */

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
