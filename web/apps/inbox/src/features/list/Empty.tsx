import { IconCoffee } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { InboxKey, StatusFilter } from "@/api/types";
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

export function Empty(): ReactNode {
  const place = usePlace();
  const words = emptyWords(place.inbox, place.status);
  const { go } = words;
  return (
    <div className={classes.empty}>
      <IconCoffee size={28} stroke={1.3} className={classes.emptyIcon} />
      <h3>{words.title}</h3>
      <p>{words.text}</p>
      {go && <TextButton onClick={() => place.goInbox(go.inbox)}>{go.label}</TextButton>}
      {place.status !== "all" && (
        <TextButton onClick={() => place.filter({ status: "all" })}>Show any status</TextButton>
      )}
    </div>
  );
}
