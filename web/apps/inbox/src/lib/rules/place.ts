/** Where in a form an error belongs, from the path that a service named. Pure. */

/**
 * "if.all[0].value", "body.if.all.0.condition.value.bool" → "body.if.all.0.value".
 *
 * What a body's shape is refused for (it begins with "body") names the chosen one of several shapes besides: the
 * kind of a node, of an action, the type of a value. The form has no such places.
 */
export function placeOf(path: string): string {
  const parts = path.replace(/\[(\d+)\]/g, ".$1").split(".");
  const shaped = parts[0] === "body";
  const rest = shaped ? parts.slice(1) : parts;
  return ["body", ...(shaped ? rest.filter((part, at) => !namesShape(rest, part, at)) : rest)].join(".");
}

const INDEX = /^\d+$/;

function namesShape(parts: readonly string[], part: string, at: number): boolean {
  const inNodes = INDEX.test(parts[at - 1] ?? "") && /^(all|any|none)$/.test(parts[at - 2] ?? "");
  if (inNodes && (part === "condition" || part === "group")) return true;
  if (parts[0] === "then" && at === 2) return true;
  const value = parts.indexOf("value");
  return value >= 0 && at > value && !INDEX.test(part);
}
