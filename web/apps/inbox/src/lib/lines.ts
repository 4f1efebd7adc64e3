/** Two versions of something, each as lines in words, side by side: what stayed, went, came and became. Pure. */

/** `part`: under which name it stands ("If"); `depth`: how far it is set in. */
export interface Line {
  part: string;
  depth: number;
  text: string;
}

export type DiffLine =
  | { kind: "same" | "added" | "removed"; line: Line }
  | { kind: "changed"; before: Line; after: Line };

const same = (a: Line, b: Line): boolean => a.part === b.part && a.depth === b.depth && a.text === b.text;

/** The fewest changes that lead from one to the other; in one part, what went and what came there are one change. */
export function diffLines(before: readonly Line[], after: readonly Line[]): DiffLine[] {
  const parts = [...new Set([...before, ...after].map(({ part }) => part))];
  return parts.flatMap((part) =>
    paired(
      steps(
        before.filter((line) => line.part === part),
        after.filter((line) => line.part === part),
      ),
    ),
  );
}

export const differs = (lines: readonly DiffLine[]): boolean => lines.some(({ kind }) => kind !== "same");

type Step = Extract<DiffLine, { line: Line }>;

function steps(before: readonly Line[], after: readonly Line[]): Step[] {
  const common = commonLengths(before, after);
  const found: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [a, b] = [before[i], after[j]];
    if (a && b && same(a, b)) {
      found.push({ kind: "same", line: b });
      i += 1;
      j += 1;
    } else if (a && (!b || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      found.push({ kind: "removed", line: a });
      i += 1;
    } else if (b) {
      found.push({ kind: "added", line: b });
      j += 1;
    }
  }
  return found;
}

/** How many lines the rests from (i, j) on have in common. */
function commonLengths(before: readonly Line[], after: readonly Line[]): number[][] {
  const table = before.map(() => Array.from({ length: after.length + 1 }, () => 0));
  table.push(Array.from({ length: after.length + 1 }, () => 0));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const [a, b, row] = [before[i], after[j], table[i]];
      if (!a || !b || !row) continue;
      const without = Math.max(table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
      row[j] = same(a, b) ? (table[i + 1]?.[j + 1] ?? 0) + 1 : without;
    }
  }
  return table;
}

/** Between two lines that stayed, the first that went became the first that came there at its depth. */
function paired(found: readonly Step[]): DiffLine[] {
  const lines: DiffLine[] = [];
  for (let at = 0; at < found.length; ) {
    if (found[at]?.kind === "same") {
      lines.push(...found.slice(at, at + 1));
      at += 1;
      continue;
    }
    const rest = found.slice(at).findIndex(({ kind }) => kind === "same");
    const run = found.slice(at, rest < 0 ? undefined : at + rest);
    lines.push(...become(run));
    at += run.length;
  }
  return lines;
}

function become(run: readonly Step[]): DiffLine[] {
  const came = run.filter(({ kind }) => kind === "added");
  const lines: DiffLine[] = run
    .filter(({ kind }) => kind === "removed")
    .map((gone) => {
      const at = came.findIndex(({ line }) => line.depth === gone.line.depth);
      const [found] = at < 0 ? [] : came.splice(at, 1);
      return found ? { kind: "changed", before: gone.line, after: found.line } : gone;
    });
  return [...lines, ...came];
}
