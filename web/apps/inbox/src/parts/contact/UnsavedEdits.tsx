import { Button } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Contact } from "@/api/contacts";
import { editAnyway, takeOutEdit } from "@/data/queue";
import { editsOf, queue } from "@/data/undecided";
import { useStore } from "@/lib/store";
import type { ToContact } from "@/lib/waiting";
import classes from "@/parts/unsent/unsent.module.css";
import type { Again } from "./EditField";

interface UnsavedEditsProps {
  /** As it is shown. */
  contact: Contact;
  /** Its words are to be typed again, in its field. */
  edit: (again: Again) => void;
}

/** Edits of a contact that wait for the connection, and those that were refused when it was back. */
export function UnsavedEdits({ contact, edit }: UnsavedEditsProps): ReactNode {
  const waiting = useStore(queue, (state) => state.waiting);
  const edits = editsOf(waiting, contact);
  if (edits.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Not saved yet">
      {edits.map((entry) => (
        <Line key={entry.key} entry={entry} seq={contact.seq} edit={edit} />
      ))}
    </ul>
  );
}

interface LineProps {
  entry: ToContact;
  /** Of the contact that its author sees. */
  seq: number;
  edit: (again: Again) => void;
}

function Line({ entry, seq, edit }: LineProps): ReactNode {
  const client = useQueryClient();
  const { field, words, typed, trouble, change } = entry;
  // All of them as they were: whatever somebody else added since would go.
  const isOfMany = change.emails !== undefined || change.phones !== undefined;
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
        {trouble?.newer && !isOfMany && act("Save anyway", () => editAnyway(client, entry, seq))}
        {trouble &&
          typed &&
          act("Edit it", () => {
            takeOutEdit(client, entry);
            edit({ field, words });
          })}
        {trouble && act("Throw it away", () => takeOutEdit(client, entry))}
      </span>
    </li>
  );
}
