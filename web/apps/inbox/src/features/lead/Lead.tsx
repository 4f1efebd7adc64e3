import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { isGone, sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { contactQuery } from "@/data/contacts";
import { useMay } from "@/data/directory";
import { contactName } from "@/lib/contacts";
import { Card } from "@/parts/Card";
import { BlockDialog } from "@/parts/contact/BlockDialog";
import shared from "@/parts/contact/contact.module.css";
import { Qualifications } from "@/parts/contact/Qualifications";
import { RecentConversations } from "@/parts/contact/RecentConversations";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import classes from "./lead.module.css";

/** Beside a conversation: who it is with. */
export function Lead({ head, openContact }: { head: Head; openContact: (id: string) => void }): ReactNode {
  return (
    <Card name="Lead data">
      <Person head={head} openContact={openContact} />
    </Card>
  );
}

/** Beside a conversation: what else they wrote. */
export function Recent({ head, open }: { head: Head; open: (id: string) => void }): ReactNode {
  return (
    <Card name="Recent conversations">
      <RecentConversations key={head.contact_id} contactId={head.contact_id} here={head.id} open={open} />
    </Card>
  );
}

function Person({ head, openContact }: { head: Head; openContact: (id: string) => void }): ReactNode {
  const { data, isError, error, refetch } = useQuery(contactQuery(head.contact_id));
  const mayWrite = useMay("contacts.write");
  const [blocking, setBlocking] = useState(false);
  if (isError && (!data || isGone(error))) {
    return (
      <p className={shared.none} role="alert">
        {sentenceOf(error)} <TextButton onClick={() => void refetch()}>Try again</TextButton>
      </p>
    );
  }
  if (!data) {
    return (
      <Later>
        <p className={shared.none}>Looking them up…</p>
      </Later>
    );
  }
  const { contact } = data;
  return (
    <>
      {contact.blocked && (
        <p className={shared.blocked}>Blocked: {contact.blocked.reason}. What they write goes to Spam.</p>
      )}
      {contact.id !== head.contact_id && (
        <p className={shared.none}>
          This was written as {head.contact_name}, who is the same person as <bdi>{contactName(contact)}</bdi>
          .
        </p>
      )}
      <Qualifications key={contact.id} contact={contact} />
      <div className={classes.more}>
        <TextButton onClick={() => openContact(contact.id)}>Open contact</TextButton>
        {mayWrite && !contact.blocked && (
          <TextButton onClick={() => setBlocking(true)}>Block the sender…</TextButton>
        )}
      </div>
      <BlockDialog contact={contact} opened={blocking} close={() => setBlocking(false)} />
    </>
  );
}
