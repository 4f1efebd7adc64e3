import { IconAlertCircle, IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { DeliveryState } from "@/api/types";
import { fullTime } from "@/lib/time";
import type { Delivery } from "./layout";
import classes from "./Message.module.css";

const STATES: Record<DeliveryState, { icon: ReactNode; words: string }> = {
  queued: { icon: <IconClock size={13} />, words: "Sending…" },
  sent: { icon: <IconCheck size={13} />, words: "Sent" },
  delivered: { icon: <IconChecks size={13} />, words: "Delivered" },
  bounced: { icon: <IconAlertCircle size={13} />, words: "Came back" },
  failed: { icon: <IconAlertCircle size={13} />, words: "Not delivered" },
};

/** What became of our message. */
export function DeliveryLine({ delivery }: { delivery: Delivery }): ReactNode {
  const { icon, words } = STATES[delivery.state];
  const about = [words, delivery.recipient && `to ${delivery.recipient}`].filter(Boolean).join(" ");
  return (
    <div className={classes.delivery} data-state={delivery.state} title={fullTime(delivery.at)}>
      {icon}
      <span>{delivery.reason ? `${about}: ${delivery.reason}` : words}</span>
    </div>
  );
}
