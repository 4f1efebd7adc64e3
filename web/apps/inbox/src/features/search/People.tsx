import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMay } from "@/data/directory";
import { peopleQuery } from "@/data/search";
import { contactName } from "@/lib/contacts";
import { showHandle } from "@/lib/person";
import { Avatar } from "@/ui/Avatar";
import { isPlain } from "./operators";
import classes from "./search.module.css";

/** Contacts that are called so: most who type a name mean a person. */
export function People({ text, open }: { text: string; open: (id: string) => void }): ReactNode {
  const may = useMay("contacts.read");
  const { data } = useQuery({ ...peopleQuery(text.trim()), enabled: may && isPlain(text) });
  if (!data?.items.length || !isPlain(text)) return null;
  return (
    <fieldset className={classes.people} aria-label="Contacts">
      {data.items.map((contact) => (
        <button key={contact.id} type="button" data-hit={contact.id} onClick={() => open(contact.id)}>
          <Avatar name={contactName(contact)} size={22} />
          <bdi className="sb-truncate">{contactName(contact)}</bdi>
          <span className={`${classes.handle} sb-truncate`}>
            {showHandle(contact.emails[0] ?? contact.phones[0] ?? "")}
          </span>
        </button>
      ))}
    </fieldset>
  );
}
