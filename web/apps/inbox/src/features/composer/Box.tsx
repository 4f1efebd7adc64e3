import { Button } from "@mantine/core";
import {
  type KeyboardEvent,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { sentenceOf } from "@/api/client";
import type { Agent, Head } from "@/api/types";
import { useNames } from "@/data/directory";
import type { Then } from "@/data/writing";
import { type ComposerMode, desk } from "@/lib/desk";
import { type Recipients, recipientsLine, replyRecipients } from "@/lib/recipients";
import { useStore } from "@/lib/store";
import type { EditorHandle } from "@/parts/writing/Editor";
import { Files } from "@/parts/writing/Files";
import { RecipientsFields } from "@/parts/writing/RecipientsFields";
import { keptFiles, useUploads } from "@/parts/writing/useUploads";
import { toast } from "@/ui/toast";
import classes from "./Composer.module.css";
import { keepDraft, readDraft } from "./drafts";
import { SendButton } from "./SendButton";
import { useSend } from "./useSend";

const Editor = lazy(() => import("@/parts/writing/Editor"));

const KEEP_AFTER_MS = 500;

const sees = (agent: Agent, brandId: string): boolean =>
  agent.brand_ids.length === 0 || agent.brand_ids.includes(brandId);

interface BoxProps {
  head: Head;
  mode: ComposerMode;
  agentId: string;
}

/** One tab's box: recipients, text, files, Send; keeps its draft. */
export function Box({ head, mode, agentId }: BoxProps): ReactNode {
  const [draft] = useState(() => readDraft(agentId, head.id, mode));
  const [recipients, setRecipients] = useState<Recipients | null>(draft?.recipients ?? null);
  const [unfolded, setUnfolded] = useState(false);
  const [empty, setEmpty] = useState(!draft?.html);
  const [wrong, setWrong] = useState(false);
  const [saved, setSaved] = useState(false);
  const editor = useRef<EditorHandle>(null);
  const uploads = useUploads(draft?.attachments);
  const { busy, trouble, clearTrouble, send } = useSend(head, mode);
  const names = useNames();
  const people = recipients ?? replyRecipients(head);
  const isEmail = mode === "reply" && head.channel === "email";
  useFocusRequests(editor);

  const keepNow = useCallback((): void => {
    const box = editor.current;
    if (!box) return;
    const attachments = uploads.files.flatMap((file) => (file.attachment ? [file.attachment] : []));
    const nothing = box.isEmpty() && attachments.length === 0;
    const kept = keepDraft(
      agentId,
      head.id,
      mode,
      nothing ? null : { html: box.html(), recipients, attachments },
    );
    setSaved(kept && !nothing);
  }, [agentId, head.id, mode, recipients, uploads.files]);
  const keepSoon = useSoon(keepNow);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft is kept when recipients or files change
  useEffect(keepSoon, [recipients, uploads.files]);

  const changed = (): void => {
    setSaved(false);
    setEmpty(editor.current?.isEmpty() ?? true);
    if (trouble && !trouble.newer) clearTrouble();
    keepSoon();
  };
  const sendNow = async (then?: Then): Promise<void> => {
    const box = editor.current;
    if (!box || busy || wrong || uploads.busy || (box.isEmpty() && uploads.files.length === 0)) return;
    const letter = {
      html: box.html(),
      recipients: people,
      attachments: keptFiles(uploads.files),
      inline: uploads.inline,
      mentions: box.mentions(),
    };
    if (!(await send(letter, then))) return;
    uploads.clear();
    box.clear();
    setRecipients(null);
    setUnfolded(false);
    keepDraft(agentId, head.id, mode, null);
    setSaved(false);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void sendNow(event.shiftKey && mode === "reply" ? { kind: "close" } : undefined);
  };
  const inlineImage = async (file: File): Promise<{ src: string; cid: string }> => {
    try {
      return { src: URL.createObjectURL(file), cid: (await uploads.addInline(file)).id };
    } catch (error) {
      toast(`The image wasn’t added. ${sentenceOf(error)}`, undefined, "error");
      throw error;
    }
  };
  const nothing = empty && uploads.files.length === 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter sends from any field of the box
    <div onKeyDown={onKeyDown}>
      {isEmail &&
        (unfolded ? (
          <RecipientsFields value={people} onChange={setRecipients} onWrong={setWrong} autoFocus />
        ) : (
          <button
            type="button"
            className={`${classes.people} sb-truncate`}
            aria-label={`Recipients: ${recipientsLine(people)}`}
            onClick={() => setUnfolded(true)}
          >
            <span>To</span> {recipientsLine(people)}
          </button>
        ))}
      <Suspense fallback={<div className={classes.waiting} />}>
        <Editor
          ref={editor}
          label={mode === "reply" ? "Reply" : "Note"}
          placeholder={
            mode === "reply" ? "Write a reply…" : "Write a note. Only your colleagues see it; @ mentions one."
          }
          initialHtml={draft?.html ?? ""}
          people={mode === "note" ? names.agents.filter((agent) => sees(agent, head.brand_id)) : []}
          onChange={changed}
          onFiles={
            mode === "reply" ? uploads.add : () => toast("Notes carry no files yet. Attach them to a reply.")
          }
          onInlineImage={isEmail ? inlineImage : undefined}
          toolbarEnd={
            <>
              {saved && <span className={classes.saved}>Draft saved</span>}
              {mode === "reply" ? (
                <SendButton
                  busy={busy}
                  disabled={nothing || wrong || uploads.busy}
                  send={(then) => void sendNow(then)}
                />
              ) : (
                <Button color="yellow.7" loading={busy} disabled={nothing} onClick={() => void sendNow()}>
                  Add note
                </Button>
              )}
            </>
          }
        />
      </Suspense>
      <Files uploads={uploads} />
      {trouble && (
        <div role="alert" className={classes.trouble} data-newer={trouble.newer || undefined}>
          <span>{trouble.words}</span>
          {trouble.newer && (
            <Button size="compact-xs" variant="default" onClick={() => void sendNow()}>
              Send anyway
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** Run after a pause in the calls; at once when the component goes. */
function useSoon(act: () => void): () => void {
  const latest = useRef(act);
  latest.current = act;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), KEEP_AFTER_MS);
  }, []);
}

/** r and n ask for the cursor; an editor that is still loading gets it when it is there. */
function useFocusRequests(editor: React.RefObject<EditorHandle | null>): void {
  const wanted = useStore(desk, (state) => state.focusComposer);
  const done = useRef(0);
  useEffect(() => {
    if (wanted === 0 || done.current === wanted) return;
    const timer = setInterval(() => {
      if (!editor.current) return;
      editor.current.focus();
      done.current = wanted;
      desk.set({ focusComposer: 0 });
      clearInterval(timer);
    }, 20);
    return () => clearInterval(timer);
  }, [wanted, editor]);
}
