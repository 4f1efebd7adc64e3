import { useDocumentVisibility } from "@mantine/hooks";
import { IconMessages } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { isGone, sentenceOf } from "@/api/client";
import { useCommands } from "@/data/commands";
import { keys } from "@/data/keys";
import { knownRow } from "@/data/patch";
import { conversationQuery } from "@/data/timeline";
import { personName } from "@/lib/person";
import { usePlace } from "@/lib/place";
import { Keys, TextButton } from "@/ui/Quiet";
import classes from "./Conversation.module.css";
import { Header } from "./Header";
import { Timeline } from "./Timeline";

const NONE: readonly string[] = [];

/** How long a conversation must be looked at to count as read. */
const READ_AFTER_MS = 400;

interface ConversationProps {
  id: string;
  composer: ReactNode;
  /** What stands in place of the customer's messages: a side conversation. */
  instead?: ReactNode;
}

/** The conversation in the middle: header and timeline; the composer is put under it by the page. */
export function Conversation({ id, composer, instead }: ConversationProps): ReactNode {
  const client = useQueryClient();
  const place = usePlace();
  const commands = useCommands(id);
  const { data, error } = useQuery({
    ...conversationQuery(id),
    // What the list knows already is shown at once; the query asks for the rest.
    placeholderData: () => knownRow(client, id),
  });
  const unread = data?.unread ?? false;
  const seq = data?.head.seq ?? 0;
  const visible = useDocumentVisibility() === "visible";
  useEffect(() => {
    if (!unread || !seq || !visible) return;
    const timer = setTimeout(() => void commands.markRead(), READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, [unread, seq, visible, commands]);
  const name = data && personName(data.head);
  useEffect(() => {
    document.title = name ? `${name} · Switchboard` : "Switchboard";
  }, [name]);

  if (error && !data) {
    const gone = isGone(error);
    return (
      <div className={classes.nothing} role="alert">
        <h3>{gone ? "This conversation can’t be shown" : "That didn’t load"}</h3>
        <p>
          {gone ? "It may belong to a brand you don’t work for, or the link is wrong." : sentenceOf(error)}
        </p>
        <TextButton
          onClick={() =>
            gone ? place.back() : void client.refetchQueries({ queryKey: keys.conversation(id) })
          }
        >
          {gone ? "Back to the list" : "Try again"}
        </TextButton>
      </div>
    );
  }
  return (
    <section className={classes.pane} aria-label={name ? `Conversation with ${name}` : "Conversation"}>
      {data ? <Header head={data.head} commands={commands} /> : <div className={classes.placeholder} />}
      {instead || (
        <>
          <Timeline key={id} id={id} mergedIds={data?.head.merged_ids ?? NONE} />
          {data && composer}
        </>
      )}
    </section>
  );
}

/** When nothing is selected. */
export function NoConversation(): ReactNode {
  return (
    <div className={classes.nothing}>
      <IconMessages size={32} stroke={1.2} />
      <h3>Pick a conversation</h3>
      <p className={classes.tip}>
        <Keys keys="J" /> and <Keys keys="K" /> go through the list, <Keys keys="?" /> shows every shortcut.
      </p>
    </div>
  );
}
