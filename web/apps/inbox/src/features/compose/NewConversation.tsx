import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { applyAnswer } from "@/data/commands";
import { useNames } from "@/data/directory";
import { startConversation } from "@/data/writing";
import { desk } from "@/lib/desk";
import type { DraftPlace } from "@/lib/draft-place";
import { keep, recall } from "@/lib/keep";
import { isSend } from "@/lib/keys";
import type { Recipients } from "@/lib/recipients";
import { useStore } from "@/lib/store";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import Editor, { type EditorHandle } from "@/parts/writing/Editor";
import { Files } from "@/parts/writing/Files";
import { RecipientsFields } from "@/parts/writing/RecipientsFields";
import { unready } from "@/parts/writing/unready";
import { keptFiles, useUploads } from "@/parts/writing/useUploads";
import classes from "./NewConversation.module.css";

const PLACE: DraftPlace = { about: "", box: "new-conversation" };
const NOBODY: Recipients = { to: [], cc: [], bcc: [] };

/** A new email to anybody, from one of the brands. */
export default function NewConversation({ onStarted }: { onStarted: (head: Head) => void }): ReactNode {
  const opened = useStore(desk, (state) => state.newConversation);
  const [busy, setBusy] = useState(false);
  const close = (): void => desk.set({ newConversation: false });
  return (
    <Modal
      opened={opened}
      // While it is being sent it stays: what was refused is to be seen.
      onClose={() => !busy && close()}
      title="New conversation"
      size={640}
      centered
      classNames={{ title: classes.title ?? "", header: classes.head ?? "", body: classes.body ?? "" }}
    >
      <Letter
        busy={busy}
        setBusy={setBusy}
        done={(head) => {
          close();
          onStarted(head);
        }}
      />
    </Modal>
  );
}

interface LetterProps {
  busy: boolean;
  setBusy: (busy: boolean) => void;
  done: (head: Head) => void;
}

function Letter({ busy, setBusy, done }: LetterProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const senders = names.brands.filter((brand) => brand.addresses.length > 0);
  const editor = useRef<EditorHandle>(null);
  const draft = useDraft(PLACE, (letter) => {
    editor.current?.put(letter.html);
    uploads.reset(letter.attachments);
  });
  const { recipients, fields } = draft.letter;
  const people = recipients ?? NOBODY;
  const subject = String(fields.subject ?? "");
  const [usual] = useState(() => recall<string>("brand"));
  const brandId = fields.brand_id ?? usual;
  const brand = senders.find((each) => each.brand_id === brandId) ?? senders[0];
  const [{ html: first, attachments: files }] = useState(draft.letter);
  const [trouble, setTrouble] = useState("");
  const [wrong, setWrong] = useState(false);
  const uploads = useUploads(files, (attachments) => draft.change({ attachments }));

  const send = async (): Promise<void> => {
    if (!brand || !editor.current || busy) return;
    if (people.to.length === 0) return setTrouble("Say who it goes to: type an email address under To.");
    if (editor.current.isEmpty() && uploads.files.length === 0) return setTrouble("Write something first.");
    const why = unready({ uploading: uploads.busy, wrong });
    if (why) return setTrouble(why);
    setBusy(true);
    setTrouble("");
    keep("brand", brand.brand_id);
    const body = {
      brand_id: brand.brand_id,
      ...people,
      subject: subject.trim(),
      html: editor.current.html(),
      attachments: keptFiles(uploads.files),
    };
    const text = editor.current.depart();
    try {
      await draft.send(async () => {
        const answer = await startConversation(body, draft.key(body));
        applyAnswer(client, answer);
        text.left();
        done(answer.head);
      });
    } catch (error) {
      text.stays();
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter sends from any field of the letter
    <div
      onKeyDown={(event) => {
        if (isSend(event)) void send();
      }}
    >
      <div className={classes.row}>
        <Select
          label="From"
          variant="unstyled"
          size="md"
          allowDeselect={false}
          data={senders.map((each) => ({
            value: each.brand_id,
            label: `${each.name} <${each.addresses[0]?.address ?? ""}>`,
          }))}
          value={brand?.brand_id ?? null}
          onChange={(next) => draft.enter({ brand_id: next ?? undefined })}
          classNames={{ root: classes.from ?? "", label: classes.label ?? "" }}
        />
      </div>
      <RecipientsFields
        value={people}
        onChange={(next) => draft.change({ recipients: next })}
        onWrong={setWrong}
        autoFocus
      />
      <TextInput
        aria-label="Subject"
        placeholder="Subject"
        variant="unstyled"
        className={classes.subject ?? ""}
        value={subject}
        onChange={(event) => draft.enter({ subject: event.currentTarget.value || undefined })}
      />
      <Editor
        ref={editor}
        label="Message"
        placeholder="Write your message…"
        initialHtml={first}
        onChange={() => {
          setTrouble("");
          draft.change({ html: editor.current?.isEmpty() === false ? editor.current.html() : "" });
        }}
        onFiles={uploads.add}
        toolbarEnd={
          <>
            <Saved kept={draft.kept} />
            <Button loading={busy} disabled={uploads.busy || wrong} onClick={() => void send()}>
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
