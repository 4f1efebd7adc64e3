import { Button } from "@mantine/core";
import { IconGripVertical, IconPin, IconPinFilled } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import { type Arranged, movedTo, neighbour, type Section, sectionOf, switchedPin } from "@/data/arrange";
import { putSidebar } from "@/data/views";
import { useShown } from "@/lib/useShown";
import { IconButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./EditSidebar.module.css";
import { InboxIcon, useInboxName } from "./Name";

const SECTIONS: readonly { section: Section; name: string }[] = [
  { section: "own", name: "Inboxes" },
  { section: "views", name: "Views" },
  { section: "teams", name: "Team inboxes" },
];

/** Pin, unpin and order the inboxes: by dragging, or with Alt and the arrows. Every change is kept at once. */
export default function EditSidebar({ now: kept, done }: { now: Arranged; done: () => void }): ReactNode {
  const client = useQueryClient();
  const [now, show] = useShown(kept);
  const change = (wanted: Arranged): void => {
    show(wanted);
    putSidebar(client, { pinned: wanted.pinned, unpinned: wanted.more }).catch((error: unknown) =>
      toast(`Not kept. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  return (
    <section className={`${classes.edit} sb-scroll`} aria-label="Edit sidebar">
      <p>Pin what you use and drag it into your order. The rest is under “More”.</p>
      {SECTIONS.map(({ section, name }) => {
        const keys = [...now.pinned, ...now.more].filter((key) => sectionOf(key) === section);
        return (
          keys.length > 0 && (
            <div key={section}>
              <h3>{name}</h3>
              <ul>
                {keys.map((key) => (
                  <Line key={key} inbox={key} now={now} change={change} />
                ))}
              </ul>
            </div>
          )
        );
      })}
      <Button fullWidth onClick={done}>
        Done
      </Button>
    </section>
  );
}

let dragged: string | null = null;

interface LineProps {
  inbox: string;
  now: Arranged;
  change: (wanted: Arranged) => void;
}

function Line({ inbox, now, change }: LineProps): ReactNode {
  const name = useInboxName()(inbox);
  const pinned = now.pinned.includes(inbox);
  const [over, setOver] = useState(false);
  const line = useRef<HTMLLIElement>(null);
  const accepts = (): boolean =>
    dragged !== null && dragged !== inbox && pinned && sectionOf(dragged) === sectionOf(inbox);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
    if (!event.altKey || step === null || !pinned) return;
    event.preventDefault();
    const target = neighbour(now, inbox, step);
    if (target) change(movedTo(now, inbox, target));
  };
  return (
    <li
      ref={line}
      className={classes.line}
      data-pinned={pinned || undefined}
      data-over={over || undefined}
      draggable={pinned}
      onDragStart={() => {
        dragged = inbox;
      }}
      onDragEnd={() => {
        dragged = null;
      }}
      onDragOver={(event) => {
        if (!accepts()) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (dragged && accepts()) change(movedTo(now, dragged, inbox));
      }}
    >
      <IconGripVertical size={14} className={classes.grip} aria-hidden />
      <span className={classes.icon}>
        <InboxIcon inbox={inbox} />
      </span>
      <span className="sb-truncate">{name}</span>
      <IconButton
        label={pinned ? `Unpin ${name}` : `Pin ${name}`}
        aria-pressed={pinned}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        onKeyDown={onKeyDown}
        onClick={() => change(switchedPin(now, inbox))}
      >
        {pinned ? <IconPinFilled size={14} /> : <IconPin size={14} />}
      </IconButton>
    </li>
  );
}
