import { Button, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { FieldDefinition, FieldValue, TicketHead, TicketType } from "@/api/tickets";
import { useMay, useNames } from "@/data/directory";
import { type Fields, ticketCommands } from "@/data/tickets";
import { isSame } from "@/lib/same";
import { dateWords } from "@/lib/time";
import { Clash } from "@/parts/settings/Clash";
import { type Save, useEdit } from "@/parts/settings/useEdit";
import { TicketFields } from "@/parts/tickets/TicketFields";
import shared from "@/parts/tickets/tickets.module.css";
import { TextButton } from "@/ui/Quiet";
import classes from "./facts.module.css";

/** What the ticket is about: its form, to be read and copied from, until somebody edits it. */
export function TicketFacts({ ticket }: { ticket: TicketHead }): ReactNode {
  const type = useNames().ticketType(ticket.type_id);
  const mayWrite = useMay("tickets.write");
  const [editing, setEditing] = useState(false);
  if (!type) return null;
  return (
    <section className={classes.facts} aria-label={type.name}>
      {editing ? (
        <Filled ticket={ticket} type={type} done={() => setEditing(false)} />
      ) : (
        <Read ticket={ticket} type={type} edit={mayWrite ? () => setEditing(true) : null} />
      )}
    </section>
  );
}

interface ReadProps {
  ticket: TicketHead;
  type: TicketType;
  edit: (() => void) | null;
}

function Read({ ticket, type, edit }: ReadProps): ReactNode {
  const values = new Map(ticket.fields.map(({ id, value }) => [id, value]));
  // What nobody filled in says nothing, unless the ticket can't be resolved without it.
  const shown = type.fields.filter(
    ({ id, needed }) => values.has(id) || (needed === "to_resolve" && ticket.state !== "resolved"),
  );
  return (
    <>
      {edit && (
        <TextButton className={classes.edit} onClick={edit}>
          <IconPencil size={14} />
          Edit
        </TextButton>
      )}
      {shown.length === 0 && <p className={classes.none}>Nothing is filled in yet.</p>}
      <dl>
        {shown.map((definition) => {
          const value = values.get(definition.id);
          return (
            <div key={definition.id} data-wide={definition.type === "long_text" || undefined}>
              <dt>{definition.label}</dt>
              <dd dir="auto">
                {value === undefined ? (
                  <span className={classes.none}>Needed to resolve</span>
                ) : (
                  <Words definition={definition} value={value} />
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}

function Words({ definition, value }: { definition: FieldDefinition; value: FieldValue }): ReactNode {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (definition.type === "date") return dateWords(String(value));
  if (definition.type === "url" && /^https?:\/\//i.test(String(value))) {
    return (
      <a href={String(value)} target="_blank" rel="noopener noreferrer">
        {String(value)}
      </a>
    );
  }
  return String(value);
}

interface Form {
  title: string;
  fields: Fields;
}

const read = (ticket: TicketHead | undefined): Form => ({
  title: ticket?.title ?? "",
  fields: clean(Object.fromEntries((ticket?.fields ?? []).map(({ id, value }) => [id, value]))),
});

interface FilledProps {
  ticket: TicketHead;
  type: TicketType;
  done: () => void;
}

/** Its form, which stays as it is being written whatever else happens to the ticket. */
function Filled({ ticket, type, done }: FilledProps): ReactNode {
  const client = useQueryClient();
  const editing = useEdit(ticket, read);
  const { edit, change, busy, trouble } = editing;
  const form = useRef<HTMLFormElement>(null);
  const latest = useRef(edit);
  latest.current = edit;
  useEffect(() => form.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus(), []);
  const save: Save<TicketHead> = async (seenSeq, adopt) => {
    // What its type asks for no more would be refused, and stays as it is.
    const asked = new Set(type.fields.map(({ id }) => id));
    const fields = Object.fromEntries(Object.entries(edit.fields).filter(([id]) => asked.has(id)));
    const head = await ticketCommands(client, ticket.id).fill(edit.title.trim(), fields, seenSeq);
    adopt(head);
    // Who has gone on writing meanwhile stays in it.
    if (isSame(latest.current, edit)) done();
  };
  const first =
    type.fields.find(({ id, needed }) => needed === "to_resolve" && !edit.fields[id]) ?? type.fields[0];
  const wrong = Object.fromEntries(
    type.fields.map(({ id }) => [id, editing.wrong(`fields.${id}`, true) ?? ""]),
  );
  return (
    <form
      ref={form}
      className={shared.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (editing.changed) void editing.submit(save);
        else done();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || editing.changed) return;
        event.preventDefault();
        done();
      }}
    >
      <TextInput
        label="Title"
        value={edit.title}
        error={editing.wrong("title")}
        dir="auto"
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <TicketFields
        definitions={type.fields}
        values={edit.fields}
        wrong={wrong}
        onChange={(fields) => change({ fields: clean(fields) })}
        resolving={ticket.state === "resolved"}
        first={first?.id}
      />
      <Clash editing={editing} save={save} />
      <div className={classes.submit}>
        <p role="alert">{trouble}</p>
        <Button variant="subtle" color="gray" onClick={done}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!editing.changed}>
          Save
        </Button>
      </div>
    </form>
  );
}

/** Without what is empty, in a fixed order, so that two can be compared. */
function clean(values: Fields): Fields {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return Object.fromEntries(entries.sort(([a], [b]) => a.localeCompare(b)));
}
