import { Button, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import type { Side } from "@/api/beside";
import { sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { type SideLetter, writeBeside } from "@/data/beside";
import { applyAnswer } from "@/data/commands";
import { desk } from "@/lib/desk";
import { aboutConversation, type DraftPlace } from "@/lib/draft-place";
import { isSend } from "@/lib/keys";
import type { Recipients } from "@/lib/recipients";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
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

const placeOf = (head: Head, sideId: string | undefined): DraftPlace => ({
  about: aboutConversation(head.id),
  box: `side:${sideId ?? "new"}`,
});

/** A mail to somebody else: who it goes to, for the first what it is about, and the words. */
export function SideWriting({ head, side }: SideWritingProps): ReactNode {
  const client = useQueryClient();
  const editor = useRef<EditorHandle>(null);
  const draft = useDraft(placeOf(head, side?.id), (letter) => {
    editor.current?.put(letter.html);
    uploads.reset(letter.attachments);
  });
  const { recipients } = draft.letter;
  const subject = String(draft.letter.fields.subject ?? "");
  const [{ html: first, attachments: files }] = useState(draft.letter);
  const [trouble, setTrouble] = useState("");
  const [wrong, setWrong] = useState({ to: false, cc: false });
  const [busy, setBusy] = useState(false);
  const uploads = useUploads(files, (attachments) => draft.change({ attachments }));
  const html = (): string => (editor.current?.isEmpty() === false ? editor.current.html() : "");
  // Nobody was chosen: whoever wrote last.
  const { to, cc } = recipients ?? { to: side?.to ?? [], cc: side?.cc ?? [] };
  const putPeople = (part: Partial<Recipients>): void =>
    draft.change({ recipients: { to, cc, bcc: [], ...part } });

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
    const text = editor.current.depart();
    let begun: Side | undefined;
    try {
      await draft.send(
        async () => {
          const answer = await writeBeside(head.id, side?.id ?? null, letter, draft.key(letter));
          applyAnswer(client, answer);
          begun = side ? undefined : answer.head.sides.at(-1);
          if (editor.current) text.left();
          uploads.sent(uploads);
          toast("Sent, hidden from the customer");
        },
        () => begun && placeOf(head, begun.id),
      );
    } catch (error) {
      if (editor.current) {
        text.stays();
        setTrouble(sentenceOf(error));
      } else toast(`Your side message wasn’t sent. ${sentenceOf(error)}`, undefined, "error");
    } finally {
      setBusy(false);
    }
    const shown = desk.get().side;
    if (begun && shown?.conversationId === head.id && shown.sideId === null)
      desk.set({ side: { conversationId: head.id, sideId: begun.id } });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter sends from any field of the letter
    <div
      className={classes.writing}
      onKeyDown={(event) => {
        if (isSend(event)) void send();
      }}
    >
      <AddressField
        label="To"
        value={to}
        onChange={(next) => putPeople({ to: next })}
        onWrong={(is) => setWrong((now) => ({ ...now, to: is }))}
        autoFocus={!side}
      />
      <AddressField
        label="Cc"
        value={cc}
        onChange={(next) => putPeople({ cc: next })}
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
          onChange={(event) => draft.enter({ subject: event.currentTarget.value || undefined })}
        />
      )}
      <Editor
        ref={editor}
        label="Side message"
        placeholder="Write to them; the customer never sees it…"
        initialHtml={first}
        onChange={() => {
          setTrouble("");
          draft.change({ html: html() });
        }}
        onFiles={uploads.add}
        toolbarEnd={
          <>
            <Saved kept={draft.kept} />
            <Button
              loading={busy}
              disabled={uploads.busy || wrong.to || wrong.cc}
              onClick={() => void send()}
            >
              Send
            </Button>
          </>
        }
      />
      <Files uploads={uploads} />
      {draft.notice}
      <div role="alert" className={classes.trouble}>
        {trouble}
      </div>
    </div>
  );
}
