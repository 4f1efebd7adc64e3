import { Menu } from "@mantine/core";
import {
  IconAddressBook,
  IconArrowLeft,
  IconBan,
  IconDots,
  IconGitMerge,
  IconLayoutSidebarRight,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { isGone, sentenceOf } from "@/api/client";
import type { Contact } from "@/api/contacts";
import { contactQuery, useContactCommands } from "@/data/contacts";
import { useMay, useNames } from "@/data/directory";
import { useContactPlace } from "@/lib/contact-place";
import { contactName } from "@/lib/contacts";
import { desk } from "@/lib/desk";
import { Card } from "@/parts/Card";
import { BlockDialog } from "@/parts/contact/BlockDialog";
import shared from "@/parts/contact/contact.module.css";
import { Qualifications } from "@/parts/contact/Qualifications";
import { NotShown } from "@/parts/NotShown";
import page from "@/parts/page.module.css";
import { Avatar } from "@/ui/Avatar";
import { IconButton, TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import { Activity } from "./Activity";
import classes from "./contacts.module.css";
import { MergeDialog } from "./MergeDialog";

/** One person: what is known of them, and what happened. */
export function ContactView({ id }: { id: string }): ReactNode {
  const place = useContactPlace();
  const asked = useQuery(contactQuery(id));
  if (!asked.data || isGone(asked.error)) return <NotShown asked={asked} back={place.back} />;
  const { contact } = asked.data;
  return (
    <section className={page.view} aria-label={`Contact ${contactName(contact)}`}>
      <Header contact={contact} />
      <div className={`${classes.scroll} sb-scroll`}>
        <div className={classes.column}>
          <Blocked contact={contact} />
          <Card name="Qualifications">
            <Qualifications key={contact.id} contact={contact} whole />
          </Card>
          <Activity key={`activity ${contact.id}`} contact={contact} />
        </div>
      </div>
    </section>
  );
}

export function NoContact(): ReactNode {
  return (
    <div className={page.empty}>
      <IconAddressBook size={28} stroke={1.3} />
      <h3>Choose a contact</h3>
      <p>What is known of a person, and everything they wrote, shows here.</p>
    </div>
  );
}

function Header({ contact }: { contact: Contact }): ReactNode {
  const place = useContactPlace();
  const mayWrite = useMay("contacts.write");
  const [dialog, setDialog] = useState<"merge" | "block" | null>(null);
  const name = contactName(contact);
  return (
    <header className={classes.head}>
      <span className={page.back}>
        <IconButton label="Back to the list" onClick={place.back}>
          <IconArrowLeft size={17} />
        </IconButton>
      </span>
      <Avatar name={name} size={28} />
      <h1 className="sb-truncate" title={name}>
        <bdi>{name}</bdi>
      </h1>
      <span className={classes.end}>
        {mayWrite && <More contact={contact} choose={setDialog} />}
        <span className={page.details}>
          <IconButton label="Details" onClick={() => desk.set({ detailsDrawer: true })}>
            <IconLayoutSidebarRight size={17} />
          </IconButton>
        </span>
      </span>
      <MergeDialog contact={contact} opened={dialog === "merge"} close={() => setDialog(null)} />
      <BlockDialog contact={contact} opened={dialog === "block"} close={() => setDialog(null)} />
    </header>
  );
}

interface MoreProps {
  contact: Contact;
  choose: (what: "merge" | "block") => void;
}

function More({ contact, choose }: MoreProps): ReactNode {
  const unblock = useUnblock(contact);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="More">
          <IconDots size={17} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconGitMerge size={15} />} onClick={() => choose("merge")}>
          Merge with another contact…
        </Menu.Item>
        {contact.blocked ? (
          <Menu.Item leftSection={<IconBan size={15} />} onClick={unblock}>
            Unblock
          </Menu.Item>
        ) : (
          <Menu.Item color="red" leftSection={<IconBan size={15} />} onClick={() => choose("block")}>
            Block…
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function useUnblock(contact: Contact): () => void {
  const commands = useContactCommands(contact.id);
  return () => {
    commands.unblock().then(
      () => toast("Unblocked. What they write from now on arrives again."),
      (error: unknown) => toast(`Still blocked. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
}

function Blocked({ contact }: { contact: Contact }): ReactNode {
  const names = useNames();
  const mayWrite = useMay("contacts.write");
  const unblock = useUnblock(contact);
  if (!contact.blocked) return null;
  const by = names.agent(contact.blocked.by)?.name;
  return (
    <p className={shared.blocked}>
      <b>Blocked{by ? ` by ${by}` : ""}:</b> {contact.blocked.reason}. What they write goes to Spam and wakes
      nobody. {mayWrite && <TextButton onClick={unblock}>Unblock</TextButton>}
    </p>
  );
}
