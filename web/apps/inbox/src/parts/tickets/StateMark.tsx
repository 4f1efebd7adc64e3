import type { ReactNode } from "react";
import type { TicketState } from "@/api/tickets";
import { STATE_NAMES } from "@/lib/links";
import classes from "./tickets.module.css";

/** A ticket's state as a small mark with its name. */
export function StateMark({ state }: { state: TicketState }): ReactNode {
  return (
    <span className={classes.state} data-state={state}>
      {STATE_NAMES[state]}
    </span>
  );
}
