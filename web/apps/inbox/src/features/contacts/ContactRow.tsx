import { IconBan } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import type { Contact } from "@/api/contacts";
import { useNames } from "@/data/directory";
import { contactName, moneyWords } from "@/lib/contacts";
import { showHandle } from "@/lib/person";
import page from "@/parts/page.module.css";
import { Ago } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import classes from "./contacts.module.css";

interface RowProps {
  contact: Contact;
  selected: boolean;
  newest: boolean;
  open: (id: string) => void;
}

/** One person in 56 px: who, how to reach them, and what they are worth. */
export const ContactRow = memo(function ContactRow({ contact, selected, newest, open }: RowProps): ReactNode {
  const names = useNames();
  const name = contactName(contact);
  const handle = contact.emails[0] ?? contact.phones[0] ?? "";
  return (
    <button
      type="button"
      className={classes.row}
      aria-current={selected || undefined}
      onClick={() => open(contact.id)}
    >
      <Avatar name={name} size={30} />
      <span className={classes.words}>
        <span className={page.line}>
          <bdi className={`${classes.name} sb-truncate`}>{name}</bdi>
          {contact.blocked && <IconBan size={14} className={classes.red} role="img" aria-label="Blocked" />}
          {newest ? (
            <Ago at={contact.created_at} className={`${classes.small} sb-number`} />
          ) : (
            contact.lifetime_revenue && (
              <span className={`${classes.small} sb-number`}>{moneyWords(contact.lifetime_revenue)}</span>
            )
          )}
        </span>
        <span className={page.line}>
          <span className={`${classes.handle} sb-truncate`}>
            {handle && showHandle(handle) !== name
              ? showHandle(handle)
              : contact.location || names.brand(contact.brand_ids[0])?.name}
          </span>
          <span className={classes.dots}>
            {contact.brand_ids.slice(0, 4).map((id) => (
              <BrandDot key={id} brand={names.brand(id)} />
            ))}
          </span>
        </span>
      </span>
    </button>
  );
});
