import { IconClock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { SlaTarget } from "@/api/sla";
import { dueState, spanWords } from "@/lib/sla";
import { fullTime, momentLabel } from "@/lib/time";
import { useNow } from "@/ui/Ago";
import classes from "./sla.module.css";

/** By when a target is to be reached; how much is left while it stands still. */
export function TargetDue({ target }: { target: SlaTarget }): ReactNode {
  const now = useNow();
  if (!target.due_at) {
    return <span className={classes.still}>Paused, {spanWords(target.left_s ?? 0)} left</span>;
  }
  const state = dueState(target, target.due_at, now);
  const span = spanWords((Date.parse(target.due_at) - now.getTime()) / 1000);
  return (
    <span className={`${classes.due} sb-number`} data-due={state} title={`Due ${fullTime(target.due_at)}`}>
      <IconClock size={14} aria-hidden />
      {state === "missed" ? `${span} late` : `${span} left`}
      <small>{momentLabel(target.due_at, now)}</small>
    </span>
  );
}
