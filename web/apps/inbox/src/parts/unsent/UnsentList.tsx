import { Button } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Letter } from "@/data/drafts";
import { sendAnyway, takeOut } from "@/data/queue";
import type { Unsent } from "@/lib/waiting";
import { NO_LETTER } from "@/parts/drafts/letters";
import { restore } from "@/parts/drafts/useKeeper";
import classes from "./unsent.module.css";

interface UnsentListProps {
  entries: readonly Unsent[];
  /** It is in its box's draft again: open that box anew. Null: its author has no such box any more. */
  edited: ((entry: Unsent) => void) | null;
  /** Its draft is gone too: the box, if it is open, is to be opened anew. */
  thrownAway: () => void;
}

/** What was written and is not sent yet: it waits for the connection, or the server refused it. */
export function UnsentList({ entries, ...rest }: UnsentListProps): ReactNode {
  if (entries.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Not sent yet">
      {entries.map((entry) => (
        <Line key={entry.key} entry={entry} {...rest} />
      ))}
    </ul>
  );
}

/** Out of the queue, and into its box again. */
export function takeBack(entry: Unsent): void {
  takeOut(entry);
  restore(entry);
}

interface LineProps extends Omit<UnsentListProps, "entries"> {
  entry: Unsent;
}

function Line({ entry, edited, thrownAway }: LineProps): ReactNode {
  const client = useQueryClient();
  const { written, trouble } = entry;
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
            : `Your ${written.mode} waits for the connection, and is sent by itself.`}
        </p>
        {edited ? (
          <p className="sb-truncate" dir="auto">
            {written.begins || "Only files"}
          </p>
        ) : (
          // Here alone are the words still to be read, and taken elsewhere.
          <p className={classes.whole} dir="auto">
            {(written.letter as Letter).text || written.begins}
          </p>
        )}
      </div>
      <span className={classes.acts}>
        {edited && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              takeBack(entry);
              edited(entry);
            }}
          >
            {trouble ? "Edit it" : "Take it back"}
          </Button>
        )}
        {trouble?.newer && (
          <Button size="compact-xs" variant="default" onClick={() => sendAnyway(client, entry)}>
            Send anyway
          </Button>
        )}
        {trouble && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              takeOut(entry);
              restore(entry, NO_LETTER);
              thrownAway();
            }}
          >
            Throw it away
          </Button>
        )}
      </span>
    </li>
  );
}
