/** Conditions as they are edited: a tree whose twigs keep a key while they are moved and changed. Pure but for keys. */
import type {
  Asking,
  Condition,
  ConditionGroup,
  ConditionValue,
  FieldInfo,
  Joined,
  OperatorInfo,
} from "@/api/conditions";

export interface Leaf {
  key: number;
  field: string;
  operator: string;
  value: ConditionValue;
}

export interface Branch {
  key: number;
  joined: Joined;
  nodes: Twig[];
}

export type Twig = Leaf | Branch;

/** How deep the services take groups in groups. */
export const MAX_DEPTH = 8;
const JOINED: readonly Joined[] = ["all", "any", "none"];

let keys = 0;
export const freshKey = (): number => {
  keys += 1;
  return keys;
};

export const isBranch = (twig: Twig): twig is Branch => "nodes" in twig;

export const joinedOf = (group: ConditionGroup): Joined => JOINED.find((each) => group[each]) ?? "all";

/** The tree of what is kept; null: always. */
export function treeOf(group: ConditionGroup | null): Branch | null {
  return group && branchOf(group);
}

function branchOf(group: ConditionGroup): Branch {
  const joined = joinedOf(group);
  return { key: freshKey(), joined, nodes: (group[joined] ?? []).map(twigOf) };
}

const twigOf = (node: Condition | ConditionGroup): Twig =>
  "field" in node
    ? { key: freshKey(), field: node.field, operator: node.operator, value: node.value ?? null }
    : branchOf(node);

/** What is sent of a tree. */
export function groupOf(branch: Branch | null): ConditionGroup | null {
  return branch && sentGroup(branch);
}

const sentGroup = (branch: Branch): ConditionGroup => ({
  [branch.joined]: branch.nodes.map((node) =>
    isBranch(node)
      ? sentGroup(node)
      : {
          field: node.field,
          operator: node.operator,
          ...(node.value !== null && { value: node.value }),
        },
  ),
});

/** With another twig at a place, or without it (null). A group that nothing is left of is none. */
export function withTwig(branch: Branch, index: number, next: Twig | null): Branch | null {
  const nodes = branch.nodes.flatMap((each, at) => (at !== index ? [each] : next ? [next] : []));
  return nodes.length ? { ...branch, nodes } : null;
}

/** With one more; a tree that there was not yet begins with it. */
export const grown = (branch: Branch | null, twig: Twig): Branch =>
  branch ? { ...branch, nodes: [...branch.nodes, twig] } : { key: freshKey(), joined: "all", nodes: [twig] };

const USUAL = ["conversation.subject", "ticket.title"];

/** The usual question, or the first that can be asked. */
export function beginLeaf({ fields, operators }: Asking): Leaf {
  const field = fields.find((each) => USUAL.includes(each.name)) ?? fields[0];
  const leaf: Leaf = { key: freshKey(), field: USUAL[0] ?? "", operator: "contains", value: "" };
  if (!field) return leaf;
  const fits = offered(field, operators);
  const contains = fits.some((each) => each.name === "contains");
  return contains ? { ...leaf, field: field.name } : asking(leaf, field, fits);
}

export const beginBranch = (asked: Asking): Branch => ({
  key: freshKey(),
  joined: "any",
  nodes: [beginLeaf(asked)],
});

/** A group around it: the first of several of which one is enough. */
export const wrapped = (leaf: Leaf): Branch => ({ key: freshKey(), joined: "any", nodes: [leaf] });

/** What a field is compared with before anything was chosen. */
export function emptyValue(field: FieldInfo, operator: OperatorInfo | undefined): ConditionValue {
  switch (operator?.takes) {
    case undefined:
    case "none":
      return null;
    case "many":
      return [];
    case "duration":
      return "P1D";
    case "pattern":
      return "";
    default:
      return field.type === "flag" ? true : field.type === "number" ? null : "";
  }
}

/** Ask about another field: as before where it can be asked so, nothing compared yet. */
export function asking(leaf: Leaf, field: FieldInfo, operators: readonly OperatorInfo[]): Leaf {
  const operator = operators.find((each) => each.name === leaf.operator) ?? operators[0];
  return { ...leaf, field: field.name, operator: operator?.name ?? "is", value: emptyValue(field, operator) };
}

/** Ask the same field otherwise; what was written stays where it still fits. */
export function askedBy(
  leaf: Leaf,
  field: FieldInfo,
  before: OperatorInfo | undefined,
  next: OperatorInfo,
): Leaf {
  const kept = before && carried(leaf.value, before.takes, next.takes);
  return { ...leaf, operator: next.name, value: kept ?? emptyValue(field, next) };
}

type Takes = OperatorInfo["takes"];

function carried(value: ConditionValue, from: Takes, to: Takes): ConditionValue | undefined {
  const plain = (takes: Takes): boolean => takes === "one" || takes === "pattern";
  if (from === to) return value;
  if (plain(from) && to === "many") return value === null || value === "" ? [] : [value].flat();
  if (from === "many" && plain(to)) return Array.isArray(value) ? value[0] : undefined;
  if (plain(from) && plain(to)) return typeof value === "string" ? value : undefined;
  return undefined;
}

/** The operators that can be asked of a field. */
export const offered = (field: FieldInfo, operators: Record<string, OperatorInfo[]>): OperatorInfo[] =>
  (operators[field.type] ?? []).filter((each) => field.changes || !each.name.startsWith("changed"));

export const countLeaves = (twig: Twig | null): number =>
  twig === null ? 0 : isBranch(twig) ? twig.nodes.reduce((sum, each) => sum + countLeaves(each), 0) : 1;
