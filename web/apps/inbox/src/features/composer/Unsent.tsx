import { Button } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Head } from "@/api/types";
import { sendAnyway, takeOut } from "@/data/queue";
import { queue, unsentTo } from "@/data/undecided";
import { desk, write } from "@/lib/desk";
import { useStore } from "@/lib/store";
import type { ToConversation } from "@/lib/waiting";
import { restore } from "@/parts/drafts/useKeeper";
import classes from "./Unsent.module.css";

/** What was written here and is not sent yet: it waits for the connection, or the server refused it. */
export function Unsent({ head }: { head: Head }): ReactNode {
  const waiting = useStore(queue, (state) => state.waiting);
  const own = unsentTo(waiting, head.id);
  return (
    <ul className={classes.list} aria-label="Not sent yet">
      {own.map((entry) => (
        <Line key={entry.key} entry={entry} />
      ))}
    </ul>
  );
}

function Line({ entry }: { entry: ToConversation }): ReactNode {
  const client = useQueryClient();
  const { written, trouble } = entry;
  if (!written) return null;
  const edit = (): void => {
    takeOut(entry);
    restore(entry);
    write(written.mode, entry.conversationId);
    desk.set(({ restored }) => ({ restored: restored + 1 }));
  };
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
        <p className="sb-truncate" dir="auto">
          {written.begins || "Only files"}
        </p>
      </div>
      <span className={classes.acts}>
        <Button size="compact-xs" variant="default" onClick={edit}>
          {trouble ? "Edit it" : "Take it back"}
        </Button>
        {trouble?.newer && (
          <Button size="compact-xs" variant="default" onClick={() => sendAnyway(client, entry)}>
            Send anyway
          </Button>
        )}
      </span>
    </li>
  );
}
