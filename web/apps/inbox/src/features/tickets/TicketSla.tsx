import { IconClock, IconPlayerPause } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TicketHead } from "@/api/tickets";
import { dueState, KIND_NAMES, spanWords } from "@/lib/sla";
import { fullTime, untilLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import { Field } from "@/parts/Field";
import { TargetDue } from "@/parts/sla/TargetDue";
import { useNow } from "@/ui/Ago";
import classes from "./tickets.module.css";

/** By when its service level wants the ticket resolved. */
export function TicketSla({ ticket }: { ticket: TicketHead }): ReactNode {
  const target = ticket.sla;
  if (!target) return null;
  return (
    <Card name="Service level">
      <Field label={KIND_NAMES[target.kind]}>
        <TargetDue target={target} />
      </Field>
      <Field label="Policy">
        <span className="sb-truncate" dir="auto" title={`Version ${target.policy.version}`}>
          {target.policy.name}
        </span>
      </Field>
    </Card>
  );
}

/** What comes first of its own due time and its service level's, or that the latter stands still. */
export function Due({ ticket }: { ticket: TicketHead }): ReactNode {
  const now = useNow();
  const { sla, due_at } = ticket;
  const ofSla = sla?.due_at && (!due_at || Date.parse(sla.due_at) < Date.parse(due_at)) ? sla : undefined;
  const at = ofSla?.due_at ?? due_at;
  if (!at) {
    if (!sla) return null;
    return (
      <span className={classes.due} title={`Resolution: ${spanWords(sla.left_s ?? 0)} left`}>
        <IconPlayerPause size={13} />
        paused
      </span>
    );
  }
  const state = dueState(ofSla, at, now);
  const name = ofSla ? "Resolution due" : "Due";
  return (
    <span className={classes.due} data-due={state} title={`${name} ${fullTime(at)}`}>
      <IconClock size={13} />
      {state === "missed" ? "late" : untilLabel(at, now)}
    </span>
  );
}
