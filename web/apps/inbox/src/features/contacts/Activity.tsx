import { Button, Textarea } from "@mantine/core";
import {
  IconBan,
  IconCircleCheck,
  IconGitMerge,
  IconNote,
  IconPencil,
  IconSparkles,
  IconUnlink,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Contact, ContactEntry } from "@/api/contacts";
import { contactTimelineQuery, useContactCommands } from "@/data/contacts";
import { useMay, useMe, useNames } from "@/data/directory";
import { aboutContact } from "@/lib/draft-place";
import { isSend } from "@/lib/keys";
import { momentLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import shared from "@/parts/contact/contact.module.css";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { useNow } from "@/ui/Ago";
import { contactPhrase, contactWho } from "./activity-words";
import classes from "./contacts.module.css";

const ICONS: Record<string, ReactNode> = {
  ContactCreated: <IconSparkles size={14} />,
  ContactUpdated: <IconPencil size={14} />,
  ContactsMerged: <IconGitMerge size={14} />,
  ContactsUnmerged: <IconUnlink size={14} />,
  ContactBlocked: <IconBan size={14} />,
  ContactUnblocked: <IconCircleCheck size={14} />,
  ContactNoted: <IconNote size={14} />,
};

/** Notes and what was done to a contact, newest first. */
export function Activity({ contact }: { contact: Contact }): ReactNode {
  const { data, isError, error } = useQuery(contactTimelineQuery(contact.id));
  const mayWrite = useMay("contacts.write");
  return (
    <Card name="Notes and activity">
      {mayWrite && <NoteBox contact={contact} />}
      {isError && (
        <p className={shared.none} role="alert">
          {sentenceOf(error)}
        </p>
      )}
      <ol className={classes.activity} aria-label="Activity">
        {data?.items.map((entry) => (
          <li key={entry.id}>
            {entry.type === "ContactNoted" ? <Note entry={entry} /> : <Line entry={entry} />}
          </li>
        ))}
      </ol>
    </Card>
  );
}

function NoteBox({ contact }: { contact: Contact }): ReactNode {
  const commands = useContactCommands(contact.id);
  const draft = useDraft({ about: aboutContact(contact.id), box: "note" });
  const { text } = draft.letter;
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    if (!text.trim() || busy) return;
    setBusy(true);
    setTrouble("");
    try {
      await draft.send(async () => {
        await commands.note(text, draft.key([contact.id, text]));
      });
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.noteBox}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Textarea
        aria-label="Note about this person"
        placeholder="A note for colleagues; the customer never sees it"
        autosize
        minRows={1}
        maxRows={8}
        dir="auto"
        value={text}
        error={trouble || null}
        onChange={({ currentTarget: { value } }) => draft.change({ text: value })}
        onKeyDown={(event) => {
          if (isSend(event)) void save();
        }}
      />
      {draft.notice}
      {text.trim() && (
        <div className={classes.noteEnd}>
          <Saved kept={draft.kept} />
          <Button type="submit" loading={busy}>
            Add note
          </Button>
        </div>
      )}
    </form>
  );
}

function Note({ entry }: { entry: ContactEntry }): ReactNode {
  const now = useNow();
  const me = useMe();
  return (
    <div className={classes.note}>
      <p>
        <b>{contactWho(entry.by, me?.agent.agent_id ?? "")}</b> ·{" "}
        <time dateTime={entry.at}>{momentLabel(entry.at, now)}</time>
      </p>
      <div dir="auto">{String(entry.data.text ?? "")}</div>
    </div>
  );
}

function Line({ entry }: { entry: ContactEntry }): ReactNode {
  const names = useNames();
  const now = useNow();
  const me = useMe();
  return (
    <p className={classes.event}>
      {ICONS[entry.type]}
      <span>
        {contactWho(entry.by, me?.agent.agent_id ?? "")} {contactPhrase(entry, names)}
        <time dateTime={entry.at}>{momentLabel(entry.at, now)}</time>
      </span>
    </p>
  );
}
