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
import { isGone, sentenceOf } from "@/api/client";
import type { TicketHead, TicketState } from "@/api/tickets";
import { useMay, useMe, useNames } from "@/data/directory";
import { ticketCommands, ticketQuery } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { STATE_NAMES, STATES } from "@/lib/links";
import { showHandle } from "@/lib/person";
import { useTicketPlace } from "@/lib/ticket-place";
import { NotShown } from "@/parts/NotShown";
import page from "@/parts/page.module.css";
import shared from "@/parts/tickets/tickets.module.css";
import { Avatar } from "@/ui/Avatar";
import { IconButton } from "@/ui/Quiet";
import { toast, undo } from "@/ui/toast";
import { Resolve } from "./Resolve";
import { TicketFacts } from "./TicketFacts";
import { Due } from "./TicketSla";
import { TicketTalk } from "./TicketTalk";
import view from "./TicketView.module.css";
import classes from "./tickets.module.css";

/** One ticket: what it is, what happened, and what to say about it. */
export function TicketView({ id }: { id: string }): ReactNode {
  const place = useTicketPlace();
  const asked = useQuery(ticketQuery(id));
  const ticket = asked.data;
  if (!ticket || isGone(asked.error)) return <NotShown asked={asked} back={place.back} />;
  return (
    <section className={page.view} aria-label={`Ticket #${ticket.number}`}>
      <Header ticket={ticket} />
      <TicketTalk key={ticket.id} ticket={ticket} above={<TicketFacts key={ticket.id} ticket={ticket} />} />
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
  const brand = names.brand(ticket.brand_id);
  return (
    <header className={view.head}>
      <span className={page.back}>
        <IconButton label="Back to the list" onClick={place.back}>
          <IconArrowLeft size={17} />
        </IconButton>
      </span>
      <div className={view.title}>
        <h1 className="sb-truncate" dir="auto" title={ticket.title}>
          {ticket.title}
        </h1>
        <p className="sb-truncate">
          <span className={classes.typeDot} style={{ background: type?.color }} />
          <bdi>{type?.name ?? "Ticket"}</bdi> <span className="sb-number">#{ticket.number}</span>
          {ticket.contact_name && (
            <>
              {" · "}
              <bdi>{showHandle(ticket.contact_name)}</bdi>
            </>
          )}
          {brand && (
            <>
              {" · "}
              <bdi>{brand.name}</bdi>
            </>
          )}
        </p>
      </div>
      <span className={view.acts}>{mayWrite && <State ticket={ticket} />}</span>
      <span className={page.details}>
        <IconButton label="Details" onClick={() => desk.set({ detailsDrawer: true })}>
          <IconLayoutSidebarRight size={17} />
        </IconButton>
      </span>
    </header>
  );
}

/** What mostly comes next: work on it, be done with it, begin again. */
const NEXT: Record<TicketState, { act: string; state: TicketState }> = {
  submitted: { act: "Start", state: "in_progress" },
  in_progress: { act: "Resolve", state: "resolved" },
  waiting_on_customer: { act: "Resolve", state: "resolved" },
  resolved: { act: "Reopen", state: "in_progress" },
};

/** Who has it, in which state it is, and the one filled button: what comes next. Resolving may ask for more. */
function State({ ticket }: { ticket: TicketHead }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const me = useMe()?.agent.agent_id ?? "";
  const [resolving, setResolving] = useState(false);
  const type = names.ticketType(ticket.type_id);
  const assignee = names.agent(ticket.assignee_id);
  const asks = ticket.kind === "tracker" || type?.fields.some((field) => field.needed === "to_resolve");
  const commands = ticketCommands(client, ticket.id);
  const move = async (state: TicketState): Promise<void> => {
    if (state === "resolved" && asks) return setResolving(true);
    const before = ticket.state;
    try {
      const sent = await commands.move(state);
      const when = sent ? "" : "; sent when the connection is back";
      toast(
        `Moved to ${STATE_NAMES[state]}${when} · ${ticket.title}`,
        undo(() => commands.move(before)),
      );
    } catch (error) {
      toast(`Not moved. ${sentenceOf(error)}`, undefined, "error");
    }
  };
  const take = async (): Promise<void> => {
    try {
      await commands.assign(ticket, { assignee_id: me });
    } catch (error) {
      toast(`Not taken. ${sentenceOf(error)}`, undefined, "error");
    }
  };
  const next = NEXT[ticket.state];
  const free = !assignee && ticket.state !== "resolved";
  useKeys({ e: () => void move(next.state), ...(free && { a: () => void take() }) }, ["ticket"]);
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<span className={shared.dot} data-state={ticket.state} />}
            rightSection={<IconChevronDown size={14} />}
          >
            {STATE_NAMES[ticket.state]}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {STATES.map((state) => (
            <Menu.Item
              key={state}
              role="menuitemradio"
              aria-checked={state === ticket.state}
              disabled={state === ticket.state}
              leftSection={<span className={shared.dot} data-state={state} />}
              rightSection={state === ticket.state && <IconCheck size={14} />}
              onClick={() => void move(state)}
            >
              {STATE_NAMES[state]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {free && (
        <Button variant="subtle" color="gray" onClick={() => void take()} title="Take it (A)">
          Take it
        </Button>
      )}
      {assignee && (
        <span title={`Assigned to ${assignee.name}`}>
          <Avatar name={assignee.name} size={24} accent />
        </span>
      )}
      <span className={view.due}>{ticket.state !== "resolved" && <Due ticket={ticket} />}</span>
      <Button
        variant={ticket.state === "resolved" ? "default" : "filled"}
        onClick={() => void move(next.state)}
        title={`${next.act} (E)`}
      >
        {next.act}
      </Button>
      <Resolve ticket={ticket} type={type} opened={resolving} close={() => setResolving(false)} />
    </>
  );
}
