import { IconClock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { SlaTarget } from "@/api/sla";
import type { Head } from "@/api/types";
import { dueState, KIND_NAMES, spanWords } from "@/lib/sla";
import { fullTime, momentLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import { Field } from "@/parts/Field";
import { useNow } from "@/ui/Ago";
import classes from "./sla.module.css";

/** The service level's targets that a conversation has still to reach. */
export default function SlaCard({ head }: { head: Head }): ReactNode {
  const targets = head.sla ?? [];
  if (targets.length === 0) return null;
  return (
    <Card name="Service level">
      {targets.map((target) => (
        <Field key={target.kind} label={KIND_NAMES[target.kind]}>
          <Due target={target} />
        </Field>
      ))}
      <Field label="Policy">
        <span className="sb-truncate" dir="auto" title={`Version ${targets[0]?.policy.version}`}>
          {targets[0]?.policy.name}
        </span>
      </Field>
    </Card>
  );
}

function Due({ target }: { target: SlaTarget }): ReactNode {
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
