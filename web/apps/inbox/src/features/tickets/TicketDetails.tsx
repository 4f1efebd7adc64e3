import { Button, Select, TextInput } from "@mantine/core";
import { IconMessages } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { TicketHead } from "@/api/tickets";
import { useMay, useNames } from "@/data/directory";
import { type Fields, ticketCommands, ticketConversationsQuery } from "@/data/tickets";
import { STATE_NAMES } from "@/lib/links";
import { showHandle } from "@/lib/person";
import { isSame } from "@/lib/same";
import { durationLabel, fullTime, momentLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import { Field } from "@/parts/Field";
import page from "@/parts/page.module.css";
import { Clash } from "@/parts/settings/Clash";
import { type Save, useEdit } from "@/parts/settings/useEdit";
import { TicketFields } from "@/parts/tickets/TicketFields";
import shared from "@/parts/tickets/tickets.module.css";
import { useNow } from "@/ui/Ago";
import { BrandDot } from "@/ui/Brand";
import { toast } from "@/ui/toast";
import { TicketSla } from "./TicketSla";
import classes from "./tickets.module.css";

interface TicketDetailsProps {
  ticket: TicketHead;
  openConversation: (id: string) => void;
}

/** The right column: whose it is, its form, and the conversations it belongs to. */
export function TicketDetails({ ticket, openConversation }: TicketDetailsProps): ReactNode {
  return (
    <aside className={`${page.pane} sb-scroll`} aria-label="Details">
      <Whose ticket={ticket} />
      <TicketSla ticket={ticket} />
      <Filled key={ticket.id} ticket={ticket} />
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
  const due = ticket.due_at ? localTime(ticket.due_at) : "";
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
        <TextInput
          variant="unstyled"
          type="datetime-local"
          aria-label="Due"
          disabled={!mayWrite}
          defaultValue={due}
          key={due}
          onBlur={(event) => {
            const next = event.currentTarget.value;
            if (next !== due) void act(commands.setDue(next ? new Date(next).toISOString() : null));
          }}
        />
      </Field>
    </Card>
  );
}

/** A moment as `datetime-local` takes it, in the reader's zone. */
function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface Form {
  title: string;
  fields: Fields;
}

const read = (ticket: TicketHead | undefined): Form => ({
  title: ticket?.title ?? "",
  fields: clean(Object.fromEntries((ticket?.fields ?? []).map(({ id, value }) => [id, value]))),
});

/** Its form, which stays as it is being written whatever else happens to the ticket. */
function Filled({ ticket }: { ticket: TicketHead }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayWrite = useMay("tickets.write");
  const type = names.ticketType(ticket.type_id);
  const editing = useEdit(ticket, read);
  const { edit, change, busy, trouble } = editing;
  const changed = !isSame(edit, read(ticket));
  const save: Save<TicketHead> = async (seenSeq, adopt) => {
    // What its type asks for no more would be refused, and stays as it is.
    const asked = new Set(type?.fields.map(({ id }) => id));
    const fields = Object.fromEntries(Object.entries(edit.fields).filter(([id]) => asked.has(id)));
    adopt(await ticketCommands(client, ticket.id).fill(edit.title.trim(), fields, seenSeq));
  };
  if (!type) return null;
  const wrong = Object.fromEntries(
    type.fields.map(({ id }) => [id, editing.wrong(`fields.${id}`, true) ?? ""]),
  );
  return (
    <Card name={type.name}>
      <div className={`${shared.form} ${classes.filled}`}>
        <TextInput
          label="Title"
          value={edit.title}
          error={editing.wrong("title")}
          disabled={!mayWrite}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        <TicketFields
          definitions={type.fields}
          values={edit.fields}
          wrong={wrong}
          onChange={(fields) => change({ fields: clean(fields) })}
          resolving={ticket.state === "resolved"}
          disabled={!mayWrite}
        />
        <Clash editing={editing} save={save} />
        {(changed || trouble) && (
          <div className={classes.submit}>
            <p role="alert">{trouble}</p>
            <Button variant="default" onClick={editing.reset}>
              Cancel
            </Button>
            <Button loading={busy} onClick={() => void editing.submit(save)}>
              Save
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}

/** Without what is empty, in a fixed order, so that two can be compared. */
function clean(values: Fields): Fields {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}

function Conversations({ ticket, open }: { ticket: TicketHead; open: (id: string) => void }): ReactNode {
  const { data } = useQuery(ticketConversationsQuery(ticket.id));
  const mayRead = useMay("conversations.read");
  const items = data?.items ?? [];
  const more = ticket.report_count - items.length;
  return (
    <Card name={ticket.kind === "tracker" ? `Reports (${ticket.report_count})` : "Conversations"}>
      <ul className={classes.linked}>
        {items.map((one) => (
          <li key={one.id}>
            <button type="button" disabled={!mayRead} onClick={() => open(one.id)}>
              <IconMessages size={15} />
              <span className="sb-truncate">
                {showHandle(one.contact_name)}
                {one.subject && ` — ${one.subject}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {items.length === 0 && <p className={classes.small}>Not linked to a conversation.</p>}
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
