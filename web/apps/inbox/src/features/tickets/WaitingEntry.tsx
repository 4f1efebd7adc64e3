import { Button } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useMe } from "@/data/directory";
import type { Letter } from "@/data/drafts";
import type { Unsent } from "@/lib/waiting";
import { takeBack } from "@/parts/unsent/UnsentList";
import { Avatar } from "@/ui/Avatar";
import classes from "./timeline.module.css";

/** What was said without a line, where it will stand. `takenBack`: it is in its box's draft again. */
export function WaitingEntry({
  entry,
  takenBack,
}: {
  entry: Unsent;
  takenBack: (entry: Unsent) => void;
}): ReactNode {
  const me = useMe()?.agent.name ?? "";
  const { mode, letter } = entry.written;
  return (
    <article className={classes.said} data-waits aria-label="Not sent yet">
      <span className={classes.mark}>
        <Avatar name={me} size={24} accent />
      </span>
      <div>
        <header>
          <IconClockPause size={14} aria-hidden />
          Your {mode} waits for the connection, and is sent by itself.{" "}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              takeBack(entry);
              takenBack(entry);
            }}
          >
            Take it back
          </Button>
        </header>
        <div dir="auto">{(letter as Letter).text}</div>
      </div>
    </article>
  );
}
