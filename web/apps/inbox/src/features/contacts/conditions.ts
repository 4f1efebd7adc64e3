/** Conditions of a segment in words: which fields there are, how each is compared, and with what. Pure. */
import type { Attribute, Condition, ConditionField, ConditionOperator } from "@/api/contacts";

type Kind = "text" | "word" | "choice" | "date" | "number" | "count" | "any" | "flag" | "did";

const SET: readonly ConditionOperator[] = ["is_set", "is_empty"];
export const OPERATORS: Record<Kind, readonly ConditionOperator[]> = {
  text: ["is", "is_not", "contains", "starts_with", ...SET],
  word: ["is", "is_not", "starts_with", ...SET],
  choice: ["is", "is_not", ...SET],
  date: ["before", "after", "within_days", ...SET],
  number: ["greater", "less", ...SET],
  count: ["is", "greater", "less"],
  any: ["is", "is_not"],
  flag: ["is"],
  did: ["within_days", "not_within_days", ...SET],
};

const OPERATOR_WORDS: Record<ConditionOperator, string> = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  starts_with: "starts with",
  greater: "is more than",
  less: "is less than",
  before: "is before",
  after: "is on or after",
  within_days: "is in the last … days",
  not_within_days: "is not in the last … days",
  is_set: "is known",
  is_empty: "is not known",
};

const DID_WORDS: Partial<Record<ConditionOperator, string>> = {
  within_days: "in the last … days",
  not_within_days: "not in the last … days",
  is_set: "ever",
  is_empty: "never",
};

/** How it is compared, in words: of any one of somebody's conversations, of what they did, or of the one thing asked
 * for. */
export function operatorWords(operator: ConditionOperator, kind: Kind): string {
  if (kind === "did") return DID_WORDS[operator] ?? OPERATOR_WORDS[operator];
  return kind === "any" && operator === "is_not" ? "is never" : OPERATOR_WORDS[operator];
}

const FIELDS: readonly { field: ConditionField; label: string; kind: Kind }[] = [
  { field: "name", label: "Name", kind: "text" },
  { field: "email", label: "Email", kind: "word" },
  { field: "email_domain", label: "Email domain", kind: "word" },
  { field: "phone", label: "Phone", kind: "word" },
  { field: "kind", label: "Kind", kind: "choice" },
  { field: "location", label: "Location", kind: "text" },
  { field: "language", label: "Language", kind: "choice" },
  { field: "time_zone", label: "Time zone", kind: "choice" },
  { field: "brand", label: "Brand", kind: "choice" },
  { field: "lifetime_revenue", label: "Lifetime revenue", kind: "number" },
  { field: "last_purchase_at", label: "Last purchase", kind: "date" },
  { field: "created_at", label: "Known since", kind: "date" },
  { field: "blocked", label: "Blocked", kind: "flag" },
  { field: "conversations", label: "Conversations", kind: "count" },
  { field: "unclosed_conversations", label: "Conversations not closed", kind: "count" },
  { field: "last_wrote_at", label: "Last wrote", kind: "date" },
  { field: "first_wrote_at", label: "First wrote", kind: "date" },
  { field: "last_answered_at", label: "Last answered by us", kind: "date" },
  { field: "talked_on_channel", label: "Channel of a conversation", kind: "any" },
  { field: "talked_with_brand", label: "Brand of a conversation", kind: "any" },
  { field: "talked_about_topic", label: "Topic of a conversation", kind: "any" },
  { field: "talked_with_tag", label: "Tag of a conversation", kind: "any" },
  { field: "open_ticket", label: "Open ticket", kind: "flag" },
  { field: "ticket_type", label: "Ticket or tracker of type", kind: "any" },
  { field: "did", label: "Did in the product", kind: "did" },
];

const OF_ATTRIBUTE: Record<Attribute["type"], Kind> = {
  text: "text",
  long_text: "text",
  url: "text",
  choice: "choice",
  number: "number",
  date: "date",
  yes_no: "flag",
};

/** What a condition may be about; `key` is its name in a picker. */
export interface Subject {
  key: string;
  label: string;
  kind: Kind;
  field: ConditionField;
  attributeId: string;
  options?: readonly string[];
}

export function subjects(attributes: readonly Attribute[]): Subject[] {
  return [
    ...FIELDS.map((each) => ({ ...each, key: each.field, attributeId: "" })),
    ...attributes.map((each) => ({
      key: `attribute:${each.attribute_id}`,
      label: each.label,
      kind: OF_ATTRIBUTE[each.type],
      field: "attribute" as const,
      attributeId: each.attribute_id,
      ...(each.type === "choice" && { options: each.options }),
    })),
  ];
}

export const keyOf = (condition: Condition): string =>
  condition.field === "attribute" ? `attribute:${condition.attribute_id}` : condition.field;

/** A new condition about something, with its first comparison. */
export function begin(subject: Subject): Condition {
  const operator = OPERATORS[subject.kind][0] ?? "is";
  const value = subject.kind === "flag" ? true : null;
  return { field: subject.field, attribute_id: subject.attributeId, activity: "", operator, value };
}

export const needsValue = (operator: ConditionOperator): boolean => !SET.includes(operator);

/** Whether it says enough to be counted. */
export const isWhole = (condition: Condition): boolean =>
  (condition.field !== "did" || condition.activity.trim() !== "") &&
  (!needsValue(condition.operator) ||
    (condition.value !== null && condition.value !== undefined && condition.value !== ""));
