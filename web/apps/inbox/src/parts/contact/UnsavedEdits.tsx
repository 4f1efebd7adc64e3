import { Button } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { editAnyway, type Seen, takeOutEdit } from "@/data/queue";
import { editsOf, queue } from "@/data/undecided";
import type { About } from "@/lib/draft-place";
import { useStore } from "@/lib/store";
import type { Edit } from "@/lib/waiting";
import classes from "@/parts/unsent/unsent.module.css";
import type { Again } from "./EditField";

interface UnsavedEditsProps {
  /** Of what. */
  abouts: readonly About[];
  /** What the author of a refused edit sees by now; null where it must not be saved over that. */
  seenNow: (entry: Edit) => Seen | null;
  /** Its words are to be typed again, in its field. */
  edit: (again: Again) => void;
}

/** Edits of fields that wait for the connection, and those that were refused when it was back. */
export function UnsavedEdits({ abouts, ...rest }: UnsavedEditsProps): ReactNode {
  const waiting = useStore(queue, (state) => state.waiting);
  const edits = editsOf(waiting, ...abouts);
  if (edits.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Not saved yet">
      {edits.map((entry) => (
        <Line key={entry.key} entry={entry} {...rest} />
      ))}
    </ul>
  );
}

interface LineProps extends Omit<UnsavedEditsProps, "abouts"> {
  entry: Edit;
}

function Line({ entry, seenNow, edit }: LineProps): ReactNode {
  const client = useQueryClient();
  const { edited, trouble } = entry;
  const { field, words, typed } = edited;
  const seen = trouble?.newer ? seenNow(entry) : null;
  const act = (label: string, run: () => void): ReactNode => (
    <Button size="compact-xs" variant="default" onClick={run}>
      {label}
    </Button>
  );
  return (
    <li
      className={classes.line}
      data-trouble={trouble ? true : undefined}
      role={trouble ? "alert" : undefined}
    >
      <IconClockPause size={15} aria-hidden />
      <div>
        <p>
          {trouble
            ? `${entry.refused} ${trouble.words}`
            : `${field} waits for the connection, and is saved by itself.`}
        </p>
        <p dir="auto">{words || "Nothing"}</p>
      </div>
      <span className={classes.acts}>
        {!trouble && act("Take it back", () => takeOutEdit(client, entry))}
        {seen && act("Save anyway", () => editAnyway(client, entry, seen))}
        {trouble &&
          typed &&
          act("Edit it", () => {
            takeOutEdit(client, entry);
            edit(edited);
          })}
        {trouble && act("Throw it away", () => takeOutEdit(client, entry))}
      </span>
    </li>
  );
}
