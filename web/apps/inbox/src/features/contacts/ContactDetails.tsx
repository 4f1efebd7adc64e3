import { IconTicket } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Contact, MergedContact } from "@/api/contacts";
import { alikeQuery, contactQuery, contactTicketsQuery, useContactCommands } from "@/data/contacts";
import { useMay, useNames } from "@/data/directory";
import { contactName } from "@/lib/contacts";
import { showHandle } from "@/lib/person";
import { fullTime } from "@/lib/time";
import { Card } from "@/parts/Card";
import shared from "@/parts/contact/contact.module.css";
import ProductActivity from "@/parts/contact/ProductActivity";
import { RecentConversations } from "@/parts/contact/RecentConversations";
import { StateMark } from "@/parts/tickets/StateMark";
import { Ago } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./contacts.module.css";
import { MergeDialog } from "./MergeDialog";

interface ContactDetailsProps {
  id: string;
  openConversation: (id: string) => void;
  openTicket: (id: string) => void;
}

/** The right column: what they wrote, who may be the same person, and whom this contact stands for. */
export function ContactDetails({ id, openConversation, openTicket }: ContactDetailsProps): ReactNode {
  const { data } = useQuery(contactQuery(id));
  const mayRead = useMay("conversations.read");
  const mayTickets = useMay("tickets.read");
  if (!data) return null;
  return (
    <aside className={`${classes.pane} sb-scroll`} aria-label="Details">
      {mayRead && (
        <Card name="Recent conversations">
          <RecentConversations key={data.contact.id} contactId={data.contact.id} open={openConversation} />
        </Card>
      )}
      <ProductActivity contactId={data.contact.id} />
      {mayTickets && <Tickets contact={data.contact} open={openTicket} />}
      <Alike contact={data.contact} />
      {data.merged.length > 0 && (
        <Card name="Merged into this contact">
          {data.merged.map((each) => (
            <Merged key={each.id} contact={data.contact} merged={each} />
          ))}
        </Card>
      )}
    </aside>
  );
}

/** What other teams do for them. */
function Tickets({ contact, open }: { contact: Contact; open: (id: string) => void }): ReactNode {
  const names = useNames();
  const { data } = useQuery(contactTicketsQuery(contact.id));
  if (!data?.items.length) return null;
  return (
    <Card name="Tickets">
      <ul className={shared.talks}>
        {data.items.map((ticket) => (
          <li key={ticket.id}>
            <button
              type="button"
              className={shared.talk}
              title={ticket.title}
              onClick={() => open(ticket.id)}
            >
              <IconTicket size={15} style={{ color: names.ticketType(ticket.type_id)?.color }} />
              <bdi className="sb-truncate">{ticket.title}</bdi>
              <Ago at={ticket.updated_at} className="sb-number" />
              <small>
                <StateMark state={ticket.state} />
              </small>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Suggested duplicates: the same name, or the same local part of an address. */
function Alike({ contact }: { contact: Contact }): ReactNode {
  const { data } = useQuery(alikeQuery(contact.id));
  const mayWrite = useMay("contacts.write");
  const [chosen, setChosen] = useState<Contact | null>(null);
  if (!data?.items.length) return null;
  return (
    <Card name="May be the same person">
      {data.items.map((each) => (
        <div key={each.id} className={classes.other}>
          <span>
            <bdi className="sb-truncate">{contactName(each)}</bdi>
            <small className="sb-truncate">
              {[...each.emails, ...each.phones].map(showHandle).join(", ") ||
                each.location ||
                "Website visitor"}
            </small>
          </span>
          {mayWrite && <TextButton onClick={() => setChosen(each)}>Compare</TextButton>}
        </div>
      ))}
      <MergeDialog
        contact={contact}
        suggested={chosen ?? undefined}
        opened={chosen !== null}
        close={() => setChosen(null)}
      />
    </Card>
  );
}

function Merged({ contact, merged }: { contact: Contact; merged: MergedContact }): ReactNode {
  const commands = useContactCommands(contact.id);
  const mayWrite = useMay("contacts.write");
  const open = Date.parse(merged.undo_until) > Date.now();
  const apart = (): void => {
    commands.unmerge(merged.id).then(
      () => toast("Two contacts again"),
      (error: unknown) => toast(`Not taken apart. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  return (
    <div className={classes.other}>
      <span>
        <bdi className="sb-truncate">{merged.name || merged.emails[0] || merged.phones[0] || "No name"}</bdi>
        <small className="sb-truncate">
          {[...merged.emails, ...merged.phones].map(showHandle).join(", ")}
        </small>
      </span>
      {mayWrite && open ? (
        <TextButton title={`Possible until ${fullTime(merged.undo_until)}`} onClick={apart}>
          Take apart
        </TextButton>
      ) : (
        <small className={shared.quiet}>{fullTime(merged.at)}</small>
      )}
    </div>
  );
}
