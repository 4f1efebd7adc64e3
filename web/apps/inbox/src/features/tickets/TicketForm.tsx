import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import type { TicketHead, TicketType } from "@/api/tickets";
import type { Kept } from "@/parts/drafts/keeper";
import { Saved } from "@/parts/drafts/Saved";
import { Clash } from "@/parts/settings/Clash";
import { TicketFields } from "@/parts/tickets/TicketFields";
import shared from "@/parts/tickets/tickets.module.css";
import { FormEnd } from "@/ui/FormEnd";
import type { Clashing } from "./edited";
import { FieldWords } from "./FieldWords";
import classes from "./facts.module.css";
import type { TicketEditing } from "./useTicketForm";

interface TicketFormProps {
  ticket: TicketHead;
  type: TicketType;
  editing: TicketEditing;
  kept: Kept;
  /** Somebody asked for it, and writes in it now. */
  begun: boolean;
}

/** Its title and fields, which stay as they are being written whatever else happens to the ticket. */
export function TicketForm({ ticket, type, editing, kept, begun }: TicketFormProps): ReactNode {
  const { form, write, changed, busy, wrong, clashes, leave } = editing;
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (begun) box.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, [begun]);
  const first =
    type.fields.find(({ id, needed }) => needed === "to_resolve" && !form.fields[id]) ?? type.fields[0];
  const wrongs = Object.fromEntries(type.fields.map(({ id }) => [id, wrong(`fields.${id}`, true) ?? ""]));
  return (
    <form
      ref={box}
      className={shared.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void editing.save();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented || changed) return;
        event.preventDefault();
        leave();
      }}
    >
      <TextInput
        label="Title"
        value={form.title}
        error={wrong("title")}
        dir="auto"
        onChange={(event) => write({ title: event.currentTarget.value })}
      />
      <TicketFields
        definitions={type.fields}
        values={form.fields}
        wrong={wrongs}
        onChange={(fields) => write({ fields })}
        resolving={ticket.state === "resolved"}
        first={first?.id}
      />
      {clashes.length > 0 && (
        <Clash busy={busy} takeTheirs={editing.takeTheirs} saveMine={() => void editing.saveMine()}>
          <Theirs clashes={clashes} />
        </Clash>
      )}
      <FormEnd>
        <p role="alert">{editing.trouble}</p>
        {changed && <Saved kept={kept} />}
        <Button variant="subtle" color="gray" onClick={leave}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!changed || clashes.length > 0}>
          Save
        </Button>
      </FormEnd>
    </form>
  );
}

function Theirs({ clashes }: { clashes: readonly Clashing[] }): ReactNode {
  return (
    <dl>
      {clashes.map(({ name, label, definition, theirs }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd dir="auto">
            {theirs === null ? (
              <span className={classes.none}>Nothing</span>
            ) : definition ? (
              <FieldWords definition={definition} value={theirs} />
            ) : (
              theirs
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
