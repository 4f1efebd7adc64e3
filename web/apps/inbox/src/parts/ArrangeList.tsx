import { IconGripVertical, IconPin, IconPinFilled } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type Arranged, neighbour, switchedPin } from "@/data/arrange";
import { useShown } from "@/lib/useShown";
import { IconButton } from "@/ui/Quiet";
import classes from "./arrange.module.css";
import { useReorder } from "./useReorder";

interface ArrangeProps {
  label: string;
  now: Arranged;
  name: (key: string) => string;
  change: (wanted: Arranged) => void;
}

/** Pinned ones in their order, the others below. A handle is dragged by mouse or finger, or moved by the arrows. */
export function ArrangeList({ label, now: kept, name, change: keep }: ArrangeProps): ReactNode {
  const [now, show] = useShown(kept);
  const change = (wanted: Arranged): void => {
    show(wanted);
    keep(wanted);
  };
  const { list, shown, dragged, said, grip } = useReorder({
    keys: now.pinned,
    name,
    change: (pinned) => change({ ...now, pinned }),
    neighbour: (key, step) => neighbour(now, key, step),
  });
  return (
    <>
      <ul ref={list} className={classes.list} aria-label={label}>
        {[...shown, ...now.more].map((key) => {
          const pinned = shown.includes(key);
          return (
            <li
              key={key}
              data-key={key}
              data-pinned={pinned || undefined}
              data-dragged={dragged === key || undefined}
            >
              {pinned ? (
                <button type="button" className={classes.grip} {...grip(key)}>
                  <IconGripVertical size={14} aria-hidden />
                </button>
              ) : (
                <span className={classes.grip} />
              )}
              <span className="sb-truncate">{name(key)}</span>
              <IconButton
                label={pinned ? `Unpin ${name(key)}` : `Pin ${name(key)}`}
                onClick={() => change(switchedPin(now, key))}
              >
                {pinned ? <IconPinFilled size={14} /> : <IconPin size={14} />}
              </IconButton>
            </li>
          );
        })}
      </ul>
      <output className="sb-sr">{said}</output>
    </>
  );
}
