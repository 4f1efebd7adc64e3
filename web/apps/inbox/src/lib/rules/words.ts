/** Conditions in words. Pure: what fields and ids are called is passed in. */
import type {
  ConditionValue,
  FieldInfo,
  FieldType,
  Joined,
  OperatorInfo,
  Refers,
  Scalar,
} from "@/api/conditions";
import type { RuleField } from "@/api/rules";
import { lengthWords } from "@/lib/durations";
import type { Line } from "@/lib/lines";
import { type Branch, isBranch, type Leaf, type Twig } from "./tree";

/** What things are called; an id that nothing is known of is its own name. */
export interface Naming {
  field(name: string): FieldInfo | undefined;
  operator(field: FieldInfo, name: string): OperatorInfo | undefined;
  ref(kind: Refers, id: string): string;
  attribute(id: string): string;
  policy(id: string): string;
  macro(id: string): string;
  ticketType(id: string): string;
  /** "the webhook Warehouse". */
  webhook(id: string): string;
}

const TYPES: Record<string, FieldType> = { number: "number", choice: "choice", yes_no: "flag", date: "time" };

const OWN = { conversation: "attribute", contact: "contact_attribute", ticket: "ticket_field" } as const;

const oldField = (field: RuleField): FieldInfo => ({
  name: `${OWN[field.applies_to]}.${field.id}`,
  label: field.label,
  type: TYPES[field.type] ?? "text",
  choices: [],
  changes: false,
  of_ticket: field.applies_to === "ticket",
  refers: null,
});

/** The same, knowing attributes that something kept asks about; they may be gone since. */
export function knowing(naming: Naming, own: readonly RuleField[]): Naming {
  const old = own.map(oldField);
  return { ...naming, field: (name) => naming.field(name) ?? old.find((each) => each.name === name) };
}

export const JOINED_LABELS: Record<Joined, string> = {
  all: "all of these are so",
  any: "any of these is so",
  none: "none of these is so",
};

const LINE_LABELS: Record<Joined, string> = { all: "All of", any: "Any of", none: "None of" };

/** "waiting_on_customer" → "Waiting on customer": a value of ours; what admins named stays as it is. */
export function choiceLabel(field: FieldInfo, value: string): string {
  if (/^((contact_)?attribute|ticket_field)\./.test(field.name)) return value;
  const words = value.replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function scalarWords(value: Scalar, field: FieldInfo, naming: Naming): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value);
  if (field.refers) return naming.ref(field.refers, value);
  if (field.choices.length) return choiceLabel(field, value);
  if (field.type === "time") return Number.isNaN(Date.parse(value)) ? value : moment.format(new Date(value));
  return `“${value}”`;
}

const joined = (words: readonly string[], by: "and" | "or"): string =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} ${by} ${words.at(-1)}`;

function valueWords(
  value: ConditionValue | undefined,
  field: FieldInfo,
  operator: OperatorInfo,
  naming: Naming,
): string {
  if (operator.takes === "none") return "";
  if (value === null || value === undefined || value === "") return " …";
  if (operator.takes === "duration") return ` ${lengthWords(String(value))}`;
  if (!Array.isArray(value)) return ` ${scalarWords(value, field, naming)}`;
  if (value.length === 0) return " …";
  const words = value.map((each) => scalarWords(each, field, naming));
  return ` ${joined(words, operator.name === "contains_all" ? "and" : "or")}`;
}

/** "Subject contains “refund”". A field that is gone is named by its id. */
export function leafWords(leaf: Omit<Leaf, "key">, naming: Naming): string {
  const field = naming.field(leaf.field);
  const operator = field && naming.operator(field, leaf.operator);
  if (!field || !operator) {
    const value = leaf.value === null ? "" : ` ${JSON.stringify(leaf.value)}`;
    return `${field?.label ?? leaf.field} ${leaf.operator.replace(/_/g, " ")}${value}`;
  }
  return `${field.label} ${operator.label}${valueWords(leaf.value, field, operator, naming)}`;
}

/** "Channel is Email and (Subject contains “refund” or Tags contains “vip”)". */
export function branchWords(branch: Branch, naming: Naming): string {
  const words = branch.nodes.map((node) => twigWords(node, naming));
  if (branch.joined === "none") {
    return words.length === 1 ? `not (${words[0]})` : `none of these: (${words.join("; ")})`;
  }
  return words.join(branch.joined === "all" ? " and " : " or ");
}

function twigWords(twig: Twig, naming: Naming): string {
  if (!isBranch(twig)) return leafWords(twig, naming);
  const words = branchWords(twig, naming);
  return twig.joined === "none" || twig.nodes.length < 2 ? words : `(${words})`;
}

/** A line for each condition, those in groups set in. */
export function branchLines(part: string, branch: Branch | null, naming: Naming, depth = 0): Line[] {
  if (!branch) return [{ part, depth, text: "Always" }];
  return [
    { part, depth, text: LINE_LABELS[branch.joined] },
    ...branch.nodes.flatMap((node) =>
      isBranch(node)
        ? branchLines(part, node, naming, depth + 1)
        : [{ part, depth: depth + 1, text: leafWords(node, naming) }],
    ),
  ];
}
