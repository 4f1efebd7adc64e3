/** What rules and policies ask: fields by type, operators, and conditions nested in groups. */

export type Scalar = string | number | boolean;
export type ConditionValue = Scalar | Scalar[] | null;
export type Joined = "all" | "any" | "none";

export interface Condition {
  field: string;
  operator: string;
  value?: ConditionValue;
}

/** Exactly one of the three is given. */
export interface ConditionGroup {
  all?: (Condition | ConditionGroup)[] | null;
  any?: (Condition | ConditionGroup)[] | null;
  none?: (Condition | ConditionGroup)[] | null;
}

export type FieldType = "text" | "texts" | "choice" | "number" | "flag" | "time";
export type Refers = "brand" | "team" | "agent" | "calendar" | "tag" | "ticket_type";

/**
 * `changes`: "has just changed" can be asked of it. `of_ticket`: it is a ticket's own. `refers`: its values are ids of
 * this kind.
 */
export interface FieldInfo {
  name: string;
  label: string;
  type: FieldType;
  choices: string[];
  changes: boolean;
  of_ticket: boolean;
  refers: Refers | null;
}

export interface OperatorInfo {
  name: string;
  label: string;
  takes: "one" | "many" | "none" | "pattern" | "duration";
}

/** What can be asked; operators by the type of their field. */
export interface Asking {
  fields: FieldInfo[];
  operators: Record<string, OperatorInfo[]>;
}
