import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import type { Side } from "@/api/beside";
import { sentenceOf } from "@/api/client";
import type { Address, Attachment, Head } from "@/api/types";
import { type SideLetter, writeBeside } from "@/data/beside";
import { applyAnswer } from "@/data/commands";
import { desk } from "@/lib/desk";
import { SendKey } from "@/lib/send-key";
import { changeUnsent, useUnsent, withoutSent } from "@/lib/unsent";
import { AddressField } from "@/parts/writing/AddressField";
import Editor, { type EditorHandle } from "@/parts/writing/Editor";
import { Files } from "@/parts/writing/Files";
import { unready } from "@/parts/writing/unready";
import { keptFiles, useUploads } from "@/parts/writing/useUploads";
import { toast } from "@/ui/toast";
import classes from "./sides.module.css";

interface SideWritingProps {
  head: Head;
  /** Null: the first mail of a new one. */
  side: Side | null;
}

/** `people` null: whoever wrote last. */
interface Written {
  people: { to: Address[]; cc: Address[] } | null;
  subject: string;
  html: string;
  attachments: Attachment[];
}

const NOTHING: Written = { people: null, subject: "", html: "", attachments: [] };

const nameOf = (head: Head, sideId: string | undefined): string => `side.${head.id}.${sideId ?? "new"}`;

/** A mail to somebody else: who it goes to, for the first what it is about, and the words. */
export function SideWriting({ head, side }: SideWritingProps): ReactNode {
  const client = useQueryClient();
  const [written, change] = useUnsent(nameOf(head, side?.id), NOTHING);
  const { people, subject } = written;
  const [{ html: first, attachments: files }] = useState(written);
  const put = (part: Partial<Written>): void => change((now) => ({ ...now, ...part }));
  const [trouble, setTrouble] = useState("");
  const [wrong, setWrong] = useState({ to: false, cc: false });
  const [busy, setBusy] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const uploads = useUploads(files, (attachments) => put({ attachments }));
  const key = useRef(new SendKey());
  /** On its way; what is written meanwhile is kept behind it. */
  const away = useRef("");
  const html = (): string => (editor.current?.isEmpty() === false ? editor.current.html() : "");
  const { to, cc } = people ?? { to: side?.to ?? [], cc: side?.cc ?? [] };

  const send = async (): Promise<void> => {
    if (!editor.current || busy) return;
    if (to.length === 0) return setTrouble("Say who it goes to: type an email address under To.");
    if (!side && !subject.trim())
      return setTrouble("Give it a subject: the customer’s own is not shown to others.");
    if (editor.current.isEmpty() && uploads.files.length === 0) return setTrouble("Write something first.");
    const why = unready({ uploading: uploads.busy, wrong: wrong.to || wrong.cc });
    if (why) return setTrouble(why);
    setBusy(true);
    setTrouble("");
    const attachments = keptFiles(uploads.files);
    const letter: SideLetter = { to, cc, html: editor.current.html(), attachments };
    if (!side) letter.subject = subject.trim();
    away.current = html();
    const text = editor.current.depart();
    try {
      const answer = await writeBeside(head.id, side?.id ?? null, letter, key.current.for(letter));
      key.current = new SendKey();
      applyAnswer(client, answer);
      sent(away.current, answer.head.sides.at(-1));
      if (editor.current) text.left();
      uploads.sent(uploads);
      toast("Sent, hidden from the customer");
    } catch (error) {
      if (editor.current) {
        text.stays();
        setTrouble(sentenceOf(error));
      } else toast(`Your side message wasn’t sent. ${sentenceOf(error)}`, undefined, "error");
    } finally {
      away.current = "";
      setBusy(false);
    }
  };
  /** What was written meanwhile stays: of a new one, in the one that was begun with it. */
  const sent = (gone: string, begun: Side | undefined): void => {
    let rest = NOTHING;
    change((now) => {
      const others = now.people === people ? null : now.people;
      rest = { ...NOTHING, people: others, html: withoutSent(gone, now.html) };
      return side ? rest : NOTHING;
    });
    if (side || !begun) return;
    changeUnsent(nameOf(head, begun.id), NOTHING, () => rest);
    const shown = desk.get().side;
    if (shown?.conversationId === head.id && shown.sideId === null)
      desk.set({ side: { conversationId: head.id, sideId: begun.id } });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter sends from any field of the letter
    <div
      className={classes.writing}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
      }}
    >
      <AddressField
        label="To"
        value={to}
        onChange={(next) => put({ people: { to: next, cc } })}
        onWrong={(is) => setWrong((now) => ({ ...now, to: is }))}
        autoFocus={!side}
      />
      <AddressField
        label="Cc"
        value={cc}
        onChange={(next) => put({ people: { to, cc: next } })}
        onWrong={(is) => setWrong((now) => ({ ...now, cc: is }))}
      />
      {!side && (
        <TextInput
          aria-label="Subject"
          placeholder="Subject"
          variant="unstyled"
          dir="auto"
          maxLength={500}
          className={classes.subject ?? ""}
          value={subject}
          onChange={(event) => put({ subject: event.currentTarget.value })}
        />
      )}
      <Editor
        ref={editor}
        label="Side message"
        placeholder="Write to them; the customer never sees it…"
        initialHtml={first}
        onChange={() => {
          setTrouble("");
          put({ html: away.current + html() });
        }}
        onFiles={uploads.add}
        toolbarEnd={
          <Button loading={busy} disabled={uploads.busy || wrong.to || wrong.cc} onClick={() => void send()}>
            Send
          </Button>
        }
      />
      <Files uploads={uploads} />
      <div role="alert" className={classes.trouble}>
        {trouble}
      </div>
    </div>
  );
}
