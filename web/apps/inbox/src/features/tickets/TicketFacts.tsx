import { IconPencil } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { TicketHead, TicketType } from "@/api/tickets";
import { useMay, useNames } from "@/data/directory";
import { aboutTicket } from "@/lib/draft-place";
import { useDraft } from "@/parts/drafts/useDraft";
import { TextButton } from "@/ui/Quiet";
import { FieldWords } from "./FieldWords";
import classes from "./facts.module.css";
import { TicketForm } from "./TicketForm";
import { useTicketForm } from "./useTicketForm";

/** What the ticket is about: its form, to be read and copied from, until somebody edits it. */
export function TicketFacts({ ticket }: { ticket: TicketHead }): ReactNode {
  const type = useNames().ticketType(ticket.type_id);
  const mayWrite = useMay("tickets.write");
  if (!type) return null;
  return (
    <section className={classes.facts} aria-label={type.name}>
      {mayWrite ? <Editable ticket={ticket} type={type} /> : <Read ticket={ticket} type={type} edit={null} />}
    </section>
  );
}

/** Read until somebody asks for its form, or left it with something in it: then it stands there by itself. */
function Editable({ ticket, type }: { ticket: TicketHead; type: TicketType }): ReactNode {
  const [shown, setShown] = useState<"read" | "asked" | "restored">("read");
  const draft = useDraft({ about: aboutTicket(ticket.id), box: "form" });
  const editing = useTicketForm(ticket, type, draft, () => setShown("read"));
  if (shown === "read" && editing.changed) setShown("restored");
  return (
    <>
      {shown === "read" ? (
        <Read ticket={ticket} type={type} edit={() => setShown("asked")} />
      ) : (
        <TicketForm
          ticket={ticket}
          type={type}
          editing={editing}
          kept={draft.kept}
          begun={shown === "asked"}
        />
      )}
      {draft.notice}
    </>
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
                  <FieldWords definition={definition} value={value} />
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </>
  );
}
