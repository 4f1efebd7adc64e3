import type { ReactNode } from "react";
import type { DiffLine, Line } from "@/lib/lines";
import classes from "./versions.module.css";

/** Two versions as one text: what went is struck out, what came is marked, the rest stands beside it. */
export function LinesDiff({ lines, label }: { lines: readonly DiffLine[]; label: string }): ReactNode {
  const partOf = (each: DiffLine): string => (each.kind === "changed" ? each.after : each.line).part;
  const parts = [...new Set(lines.map(partOf))];
  return (
    <dl className={classes.lines} aria-label={label}>
      {parts.map((part) => {
        const own = lines.filter((each) => partOf(each) === part);
        return (
          <div key={part} data-changed={own.some(({ kind }) => kind !== "same") || undefined}>
            <dt>{part}</dt>
            <dd>
              {own.map((each, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same
                <OneLine key={index} line={each} />
              ))}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function OneLine({ line }: { line: DiffLine }): ReactNode {
  switch (line.kind) {
    case "same":
      return <Text line={line.line} />;
    case "added":
      return (
        <ins>
          <Text line={line.line} />
        </ins>
      );
    case "removed":
      return (
        <del>
          <Text line={line.line} />
        </del>
      );
    case "changed":
      return (
        <>
          <del>
            <Text line={line.before} />
          </del>
          <ins>
            <Text line={line.after} />
          </ins>
        </>
      );
  }
}

function Text({ line }: { line: Line }): ReactNode {
  return (
    <p dir="auto" style={{ paddingInlineStart: line.depth * 14 }}>
      {line.text}
    </p>
  );
}
