import { Select } from "@mantine/core";
import { IconMail, IconMessage, IconPhone, IconPlug } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { TicketHead } from "@/api/tickets";
import type { Channel, ConversationStatus } from "@/api/types";
import { useMay, useNames } from "@/data/directory";
import { ticketCommands, ticketConversationsQuery } from "@/data/tickets";
import { STATE_NAMES } from "@/lib/links";
import { showHandle } from "@/lib/person";
import { durationLabel, fullTime, momentLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import { Field } from "@/parts/Field";
import page from "@/parts/page.module.css";
import { useNow } from "@/ui/Ago";
import { BrandDot } from "@/ui/Brand";
import { toast } from "@/ui/toast";
import { DueField } from "./DueField";
import classes from "./details.module.css";
import { TicketSla } from "./TicketSla";

interface TicketDetailsProps {
  ticket: TicketHead;
  openConversation: (id: string) => void;
}

/** The right column: whose it is and by when, and the conversations it belongs to. */
export function TicketDetails({ ticket, openConversation }: TicketDetailsProps): ReactNode {
  return (
    <aside className={`${page.pane} sb-scroll`} aria-label="Details">
      <Whose ticket={ticket} />
      <TicketSla ticket={ticket} />
      <Conversations ticket={ticket} open={openConversation} />
      <Times ticket={ticket} />
    </aside>
  );
}

function Whose({ ticket }: { ticket: TicketHead }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayWrite = useMay("tickets.write");
  const brand = names.brand(ticket.brand_id);
  const act = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      toast(sentenceOf(error), undefined, "error");
    }
  };
  const commands = ticketCommands(client, ticket.id);
  return (
    <Card name="Ticket">
      {brand && (
        <Field label="Brand">
          <BrandDot brand={brand} /> {brand.name}
        </Field>
      )}
      {ticket.contact_name && <Field label="Customer">{showHandle(ticket.contact_name)}</Field>}
      <Field label="Team">
        <Select
          variant="unstyled"
          className={classes.quiet}
          aria-label="Team"
          disabled={!mayWrite}
          clearable
          placeholder="No team"
          data={names.teams.map((team) => ({ value: team.team_id, label: team.name }))}
          value={ticket.team_id ?? null}
          onChange={(team) => void act(commands.assign(ticket, { team_id: team }))}
        />
      </Field>
      <Field label="Assignee">
        <Select
          variant="unstyled"
          className={classes.quiet}
          aria-label="Assignee"
          disabled={!mayWrite}
          clearable
          searchable
          placeholder="Nobody"
          data={names.agents
            .filter((each) => each.active)
            .map((each) => ({ value: each.agent_id, label: each.name }))}
          value={ticket.assignee_id ?? null}
          onChange={(agent) => void act(commands.assign(ticket, { assignee_id: agent }))}
        />
      </Field>
      <Field label="Due">
        <DueField ticket={ticket} disabled={!mayWrite} set={(at) => void act(commands.setDue(at))} />
      </Field>
    </Card>
  );
}

const CHANNELS: Record<Channel, ReactNode> = {
  email: <IconMail size={15} />,
  chat: <IconMessage size={15} />,
  phone: <IconPhone size={15} />,
  custom: <IconPlug size={15} />,
};

const STATUS_NAMES: Record<ConversationStatus, string> = {
  open: "Open",
  snoozed: "Snoozed",
  closed: "Closed",
};

function Conversations({ ticket, open }: { ticket: TicketHead; open: (id: string) => void }): ReactNode {
  const { data } = useQuery(ticketConversationsQuery(ticket.id));
  const names = useNames();
  const mayRead = useMay("conversations.read");
  const items = data?.items ?? [];
  const more = ticket.report_count - items.length;
  return (
    <Card name={ticket.kind === "tracker" ? `Reports (${ticket.report_count})` : "Conversations"}>
      <ul className={classes.linked}>
        {items.map((one) => (
          <li key={one.id}>
            <button type="button" disabled={!mayRead} onClick={() => open(one.id)}>
              {CHANNELS[one.channel]}
              <span>
                <bdi className="sb-truncate">{showHandle(one.contact_name)}</bdi>
                <small>
                  <bdi className="sb-truncate" title={one.subject}>
                    {one.subject || "No subject"}
                  </bdi>
                  <span>· {STATUS_NAMES[one.status]}</span>
                </small>
              </span>
              <BrandDot brand={names.brand(one.brand_id)} />
            </button>
          </li>
        ))}
      </ul>
      {items.length === 0 && <p className={classes.small}>No conversation is linked to it.</p>}
      {more > 0 && items.length > 0 && <p className={classes.small}>and {more.toLocaleString()} more</p>}
    </Card>
  );
}

function Times({ ticket }: { ticket: TicketHead }): ReactNode {
  const now = useNow();
  return (
    <Card name="Times">
      <Field label="Submitted">
        <time title={fullTime(ticket.created_at)}>{momentLabel(ticket.created_at, now)}</time>
      </Field>
      {ticket.time_in.map((one) => (
        <Field key={one.state} label={STATE_NAMES[one.state]}>
          {durationLabel(one.seconds)}
        </Field>
      ))}
      {ticket.resolved_at && (
        <Field label="Resolved">
          <time title={fullTime(ticket.resolved_at)}>{momentLabel(ticket.resolved_at, now)}</time>
        </Field>
      )}
    </Card>
  );
}
