import { Button, Menu } from "@mantine/core";
import {
  IconArrowLeft,
  IconCheck,
  IconChevronDown,
  IconLayoutSidebarRight,
  IconTicket,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { TicketHead, TicketState } from "@/api/tickets";
import { useMay, useNames } from "@/data/directory";
import { ticketCommands, ticketQuery } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { STATE_NAMES, STATES } from "@/lib/links";
import { useTicketPlace } from "@/lib/ticket-place";
import page from "@/parts/page.module.css";
import { BrandDot } from "@/ui/Brand";
import { Later } from "@/ui/Later";
import { IconButton, TextButton } from "@/ui/Quiet";
import { toast, undo } from "@/ui/toast";
import { Resolve } from "./Resolve";
import { TicketTimeline } from "./TicketTimeline";
import view from "./TicketView.module.css";
import { TicketWriting } from "./TicketWriting";
import classes from "./tickets.module.css";

/** One ticket: what it is, what happened, and what to say about it. */
export function TicketView({ id }: { id: string }): ReactNode {
  const place = useTicketPlace();
  const { data: ticket, isError, error, refetch } = useQuery(ticketQuery(id));
  if (isError) {
    return (
      <div className={page.empty} role="alert">
        <p>{sentenceOf(error)}</p>
        <TextButton onClick={() => void refetch()}>Try again</TextButton>
        <TextButton onClick={place.back}>Back to the list</TextButton>
      </div>
    );
  }
  if (!ticket) {
    return (
      <Later>
        <div className={page.placeholder} />
      </Later>
    );
  }
  return (
    <section className={page.view} aria-label={`Ticket #${ticket.number}`}>
      <Header ticket={ticket} />
      <TicketTimeline key={ticket.id} ticket={ticket} />
      <TicketWriting key={ticket.id} ticket={ticket} />
    </section>
  );
}

export function NoTicket(): ReactNode {
  return (
    <div className={page.empty}>
      <IconTicket size={28} stroke={1.3} />
      <h3>Choose a ticket</h3>
      <p>What happened to it and what it needs show here.</p>
    </div>
  );
}

function Header({ ticket }: { ticket: TicketHead }): ReactNode {
  const place = useTicketPlace();
  const names = useNames();
  const mayWrite = useMay("tickets.write");
  const type = names.ticketType(ticket.type_id);
  return (
    <header className={view.head}>
      <span className={page.back}>
        <IconButton label="Back to the list" onClick={place.back}>
          <IconArrowLeft size={17} />
        </IconButton>
      </span>
      <BrandDot brand={names.brand(ticket.brand_id)} />
      <h1 className="sb-truncate">{ticket.title}</h1>
      <span className={`${classes.kind} sb-truncate`}>
        {type?.name} <span className="sb-number">#{ticket.number}</span>
      </span>
      <span className={classes.end}>
        {mayWrite && <State ticket={ticket} />}
        <span className={page.details}>
          <IconButton label="Details" onClick={() => desk.set({ detailsDrawer: true })}>
            <IconLayoutSidebarRight size={17} />
          </IconButton>
        </span>
      </span>
    </header>
  );
}

const DOT: Record<TicketState, string> = {
  submitted: "submitted",
  in_progress: "in_progress",
  waiting_on_customer: "waiting_on_customer",
  resolved: "resolved",
};

/** The state, as the one filled button: moves the ticket; resolving may ask for more. */
function State({ ticket }: { ticket: TicketHead }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const [resolving, setResolving] = useState(false);
  const type = names.ticketType(ticket.type_id);
  const asks = ticket.kind === "tracker" || type?.fields.some((field) => field.needed === "to_resolve");
  const move = async (state: TicketState): Promise<void> => {
    if (state === "resolved" && asks) return setResolving(true);
    const before = ticket.state;
    try {
      await ticketCommands(client, ticket.id).move(state);
      const back = undo(() => ticketCommands(client, ticket.id).move(before));
      toast(`Moved to ${STATE_NAMES[state]} · ${ticket.title}`, back);
    } catch (error) {
      toast(`Not moved. ${sentenceOf(error)}`, undefined, "error");
    }
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button rightSection={<IconChevronDown size={14} />}>{STATE_NAMES[ticket.state]}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          {STATES.map((state) => (
            <Menu.Item
              key={state}
              role="menuitemradio"
              aria-checked={state === ticket.state}
              disabled={state === ticket.state}
              leftSection={<span className={classes.stateDot} data-state={DOT[state]} />}
              rightSection={state === ticket.state && <IconCheck size={14} />}
              onClick={() => void move(state)}
            >
              {STATE_NAMES[state]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Resolve ticket={ticket} type={type} opened={resolving} close={() => setResolving(false)} />
    </>
  );
}
