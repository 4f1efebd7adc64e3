/** What links and tickets are called on the screen. Pure. */
import type { Link, TicketState } from "@/api/tickets";

export const STATE_NAMES: Record<TicketState, string> = {
  submitted: "Submitted",
  in_progress: "In progress",
  waiting_on_customer: "Waiting on customer",
  resolved: "Resolved",
};

export const STATES: readonly TicketState[] = ["submitted", "in_progress", "waiting_on_customer", "resolved"];

/** "Refund #1042", "tracker #7 Checkout fails", "“Where is my order?”", "carrier.example". */
export function linkName(link: Link, typeName: string | undefined): string {
  switch (link.kind) {
    case "ticket":
      return `${typeName ?? "ticket"} #${link.number}`;
    case "tracker":
      return `tracker #${link.number} ${link.title}`;
    case "conversation":
      return `“${link.title}”`;
    case "url":
      return link.title || link.url;
  }
}
