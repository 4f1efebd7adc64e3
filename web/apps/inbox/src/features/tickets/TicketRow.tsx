import { IconMessages } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import type { TicketHead } from "@/api/tickets";
import { useNames } from "@/data/directory";
import page from "@/parts/page.module.css";
import { StateMark } from "@/parts/tickets/StateMark";
import { Ago } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import { Due } from "./TicketSla";
import classes from "./tickets.module.css";

interface RowProps {
  ticket: TicketHead;
  selected: boolean;
  open: (id: string) => void;
}

/** One ticket in 72 px: type and number, title, whose and in which state. */
export const TicketRow = memo(function TicketRow({ ticket, selected, open }: RowProps): ReactNode {
  const names = useNames();
  const type = names.ticketType(ticket.type_id);
  const assignee = names.agent(ticket.assignee_id);
  return (
    <button
      type="button"
      className={classes.row}
      aria-current={selected || undefined}
      onClick={() => open(ticket.id)}
    >
      <span className={page.line}>
        <span className={classes.typeDot} style={{ background: type?.color }} />
        <span className={`${classes.kind} sb-truncate`}>
          <bdi>{type?.name ?? "Ticket"}</bdi> <span className="sb-number">#{ticket.number}</span>
        </span>
        {ticket.state !== "resolved" && <Due ticket={ticket} />}
        <Ago at={ticket.updated_at} className={`${classes.time} sb-number`} />
      </span>
      <span className={page.line}>
        <span className={`${classes.title} sb-truncate`} dir="auto" title={ticket.title}>
          {ticket.title}
        </span>
        {assignee && (
          <span title={`Assigned to ${assignee.name}`}>
            <Avatar name={assignee.name} size={18} accent />
          </span>
        )}
      </span>
      <span className={`${page.line} ${classes.small}`}>
        <StateMark state={ticket.state} />
        {ticket.kind === "tracker" ? (
          <span className={`${classes.reports} sb-number`}>
            <IconMessages size={13} /> {ticket.report_count}{" "}
            {ticket.report_count === 1 ? "report" : "reports"}
          </span>
        ) : (
          <bdi className="sb-truncate">{ticket.contact_name}</bdi>
        )}
        <span className={classes.end}>
          <BrandDot brand={names.brand(ticket.brand_id)} />
        </span>
      </span>
    </button>
  );
});
