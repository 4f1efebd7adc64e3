import { IconCoffee } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TicketState } from "@/api/tickets";
import type { InboxKey, StatusFilter } from "@/api/types";
import { useMay, useNames } from "@/data/directory";
import { CLEARED, isNarrowed } from "@/data/filter";
import type { ListFilter } from "@/data/membership";
import { STATE_NAMES } from "@/lib/links";
import { usePlace } from "@/lib/place";
import { TextButton } from "@/ui/Quiet";
import classes from "./ConversationList.module.css";

interface Words {
  title: string;
  text: string;
  go?: { label: string; inbox: InboxKey };
}

const OPEN: Record<string, Words> = {
  mine: {
    title: "You’re all caught up",
    text: "Nobody is waiting for you. Somebody may be waiting for anyone.",
    go: { label: "Look at unassigned", inbox: "unassigned" },
  },
  mentions: {
    title: "No mentions",
    text: "When a colleague writes @you in a note, the conversation shows here.",
  },
  created: {
    title: "Nothing started by you",
    text: "Conversations you begin show here. Press C to write one.",
  },
  following: {
    title: "You follow nothing",
    text: "Follow a conversation in its “…” menu: it shows here, and you are told of what happens in it.",
  },
  unassigned: {
    title: "Everything has an owner",
    text: "New conversations land here when no rule finds them an agent.",
    go: { label: "Back to your inbox", inbox: "mine" },
  },
  spam: { title: "No spam", text: "What rules or people mark as spam is kept here, and can be taken back." },
};

/** What an empty list says, and the next useful thing. */
export function emptyWords(inbox: InboxKey, status: StatusFilter): Words {
  if (status === "snoozed")
    return {
      title: "Nothing is asleep",
      text: "Snoozed conversations wait here and come back by themselves.",
    };
  if (status === "closed")
    return { title: "Nothing closed yet", text: "Finished conversations are kept here." };
  return (
    OPEN[inbox] ?? {
      title: "Nothing here",
      text: "No conversation is open in this inbox. A good moment for a coffee.",
    }
  );
}

const NARROWED: Words = {
  title: "Nothing passes these filters",
  text: "Take one off, or look at any status.",
};

/** Of a list that is narrowed to the state of a ticket and to nothing else. */
const withTicket = (state: TicketState): Words => ({
  title: "No such tickets",
  text: `No conversation of this inbox has a ticket that is “${STATE_NAMES[state]}”.`,
});

export function Empty({ filter }: { filter: ListFilter }): ReactNode {
  const place = usePlace();
  const narrowed = isNarrowed(filter);
  const ticket = isNarrowed({ ...filter, ticket: null }) ? null : filter.ticket;
  const words = ticket ? withTicket(ticket) : narrowed ? NARROWED : emptyWords(place.inbox, filter.status);
  const { go } = words;
  return (
    <div className={classes.empty}>
      <IconCoffee size={28} stroke={1.3} className={classes.emptyIcon} />
      <h3>{words.title}</h3>
      <p>{words.text}</p>
      {go && <TextButton onClick={() => place.goInbox(go.inbox)}>{go.label}</TextButton>}
      {narrowed && <TextButton onClick={() => place.filter(CLEARED)}>Take all filters off</TextButton>}
      {filter.status !== "all" && (
        <TextButton onClick={() => place.filter({ status: "all" })}>Show any status</TextButton>
      )}
      {!narrowed && <FirstRun filter={filter} />}
    </div>
  );
}

/** A desk that nobody has written to yet: what brings the first message in. */
function FirstRun({ filter }: { filter: ListFilter }): ReactNode {
  const everything = filter.inbox === "all" && filter.status === "all";
  const mayManage = useMay("directory.manage");
  const brands = useNames().brands.filter((brand) => brand.addresses.length > 0);
  if (!everything) return null;
  const address = brands[0]?.addresses[0]?.address;
  return (
    <p>
      {address
        ? `Send a mail to ${address}: it shows here a moment later.`
        : mayManage
          ? "No brand has a mailbox yet. Give one an address, and point its mail here."
          : "No brand has a mailbox yet. An admin can add one."}
    </p>
  );
}
