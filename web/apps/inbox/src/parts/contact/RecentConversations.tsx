import { IconMail, IconMessageCircle, IconPhone, IconPlugConnected } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { Channel, Head } from "@/api/types";
import { contactConversationsQuery } from "@/data/contacts";
import { useNames } from "@/data/directory";
import { Ago } from "@/ui/Ago";
import { BrandDot } from "@/ui/Brand";
import { TextButton } from "@/ui/Quiet";
import classes from "./contact.module.css";

const ICONS: Record<Channel, ReactNode> = {
  email: <IconMail size={15} />,
  chat: <IconMessageCircle size={15} />,
  phone: <IconPhone size={15} />,
  custom: <IconPlugConnected size={15} />,
};
const STATES: Record<Head["status"], string> = { open: "Open", snoozed: "Snoozed", closed: "Closed" };

interface RecentConversationsProps {
  contactId: string;
  /** The one that is open: shown among them, not to be opened. */
  here?: string;
  open: (id: string) => void;
}

/** The latest conversations with a person, those of their duplicates among them. */
export function RecentConversations({ contactId, here, open }: RecentConversationsProps): ReactNode {
  const { data, isError, error, refetch } = useQuery(contactConversationsQuery(contactId));
  if (isError) {
    return (
      <p className={classes.none} role="alert">
        {sentenceOf(error)} <TextButton onClick={() => void refetch()}>Try again</TextButton>
      </p>
    );
  }
  const others = data?.items ?? [];
  if (data && others.every((each) => each.id === here)) {
    return <p className={classes.none}>{here ? "This is the only one." : "No conversations yet."}</p>;
  }
  return (
    <ul className={classes.talks}>
      {others.map((head) => (
        <li key={head.id}>
          <Talk head={head} current={head.id === here} open={() => open(head.id)} />
        </li>
      ))}
    </ul>
  );
}

function Talk({ head, current, open }: { head: Head; current: boolean; open: () => void }): ReactNode {
  const names = useNames();
  const brand = names.brand(head.brand_id);
  return (
    <button
      type="button"
      className={classes.talk}
      aria-current={current || undefined}
      disabled={current}
      onClick={open}
      title={head.subject || head.description}
    >
      {ICONS[head.channel]}
      <bdi className="sb-truncate">{head.subject || head.description || "No subject"}</bdi>
      <Ago at={head.last_activity_at} className="sb-number" />
      <small className="sb-truncate">
        <BrandDot brand={brand} size={6} /> {brand?.name} · {head.spam ? "Spam" : STATES[head.status]}
        {current && " · open here"}
      </small>
    </button>
  );
}
