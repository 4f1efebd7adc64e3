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
import { aboutsOf, queue, unsentTo } from "@/data/undecided";
import { aboutContact } from "@/lib/draft-place";
import { isSend } from "@/lib/keys";
import { useStore } from "@/lib/store";
import { momentLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import shared from "@/parts/contact/contact.module.css";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { UnsentList } from "@/parts/unsent/UnsentList";
import { writtenIn } from "@/parts/unsent/written";
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
      <Noting contact={contact} mayWrite={mayWrite} />
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

/** Where notes are written, below those that are not sent yet. */
function Noting({ contact, mayWrite }: { contact: Contact; mayWrite: boolean }): ReactNode {
  const waiting = useStore(queue, (state) => state.waiting);
  const [restored, setRestored] = useState(0);
  const restart = (): void => setRestored((before) => before + 1);
  // What was written about one that is part of this one by now goes on here.
  const entries = unsentTo(waiting, ...aboutsOf(contact)).map((entry) => ({
    ...entry,
    contactId: contact.id,
  }));
  return (
    <>
      <UnsentList entries={entries} edited={mayWrite ? restart : null} thrownAway={restart} />
      {mayWrite && <NoteBox key={restored} contact={contact} focused={restored > 0} />}
    </>
  );
}

interface NoteBoxProps {
  contact: Contact;
  /** The cursor begins in it. */
  focused: boolean;
}

function NoteBox({ contact, focused }: NoteBoxProps): ReactNode {
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
      await draft.sendOrWait((unsaved) =>
        commands.note(text, draft.key([contact.id, text]), writtenIn("note", unsaved)),
      );
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
        autoFocus={focused}
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
