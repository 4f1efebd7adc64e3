import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Draft } from "@/api/drafts";
import type { Head } from "@/api/types";
import { type Names, useNames } from "@/data/directory";
import { type Letter, showDraft } from "@/data/drafts";
import type { Then } from "@/data/writing";
import type { ComposerMode } from "@/lib/desk";
import type { DraftPlace } from "@/lib/draft-place";
import { isSend } from "@/lib/keys";
import { type Recipients, recipientsLine, replyRecipients } from "@/lib/recipients";
import { typed } from "@/lib/typing";
import type { Sent, Unsaved } from "@/parts/drafts/keeper";
import { NO_LETTER, since } from "@/parts/drafts/letters";
import { OtherDraft } from "@/parts/drafts/OtherDraft";
import { Saved } from "@/parts/drafts/Saved";
import { useKeeper } from "@/parts/drafts/useKeeper";
import type { Choice } from "@/parts/writing/choiceList";
import type { Departing } from "@/parts/writing/departing";
import Editor, { type EditorHandle } from "@/parts/writing/Editor";
import { Files } from "@/parts/writing/Files";
import { RecipientsFields } from "@/parts/writing/RecipientsFields";
import { variablesIn } from "@/parts/writing/triggers";
import { keptFiles, useUploads } from "@/parts/writing/useUploads";
import { toast } from "@/ui/toast";
import { Actions, withActions } from "./Actions";
import classes from "./Composer.module.css";
import { knownConversations } from "./conversations";
import { incomingHtml, outgoingHtml } from "./outgoing";
import { SendButton } from "./SendButton";
import { useFocusRequests } from "./useFocusRequests";
import { useMacros } from "./useMacros";
import { TEAM, type Trouble, useSend } from "./useSend";

/** Colleagues who see the conversation, and teams of theirs. */
function whom(names: Names, brandId: string): Choice[] {
  const agents = names.agents.filter(
    ({ active, brand_ids }) => active && (brand_ids.length === 0 || brand_ids.includes(brandId)),
  );
  const teams = names.teams.filter(({ team_id }) => agents.some((agent) => agent.team_ids.includes(team_id)));
  return [
    ...agents.map(({ agent_id, name }) => ({ key: agent_id, label: name })),
    ...teams.map(({ team_id, name }) => ({ key: `${TEAM}${team_id}`, label: name, hint: "Team" })),
  ];
}

/** What the box begins with: the server's draft, or what this browser could not bring there the last time. */
export interface Start {
  draft: Draft;
  unsaved: Unsaved | null;
}

interface WritingProps {
  head: Head;
  mode: ComposerMode;
  place: DraftPlace;
  start: Start;
  /** The draft as the server has it by now. */
  latest: Draft;
}

/** The box itself: recipients, text, files, Send; keeps its draft. */
export function Writing({ head, mode, place, start, latest }: WritingProps): ReactNode {
  const client = useQueryClient();
  const first = start.unsaved?.letter ?? start.draft;
  const [recipients, setRecipients] = useState<Recipients | null>(first.recipients);
  const [unfolded, setUnfolded] = useState(false);
  const [empty, setEmpty] = useState(!first.html);
  const [wrong, setWrong] = useState(false);
  const [actions, setActions] = useState(first.actions ?? []);
  const [gaps, setGaps] = useState<string[]>([]);
  const editor = useRef<EditorHandle>(null);
  const uploads = useUploads(first.attachments);
  const { keeper, kept, other, ask } = useKeeper(place, { rev: start.draft.rev, unsaved: start.unsaved });
  const { busy, trouble, clearTrouble, send, refused } = useSend(head, mode);
  const names = useNames();
  const macros = useMacros(head, mode, editor, (added) => setActions((now) => withActions(now, added)));
  const waits = uploads.busy || macros.busy;
  const people = recipients ?? replyRecipients(head);
  const isEmail = mode === "reply" && head.channel === "email";
  useFocusRequests(editor, head.id);

  /** On its way to the customer; what is written meanwhile is another letter. */
  const away = useRef<Letter>(null);
  const letter = (): Letter => {
    const { html, cids } = outgoingHtml(editor.current?.html() ?? "");
    const inline = uploads.inline.filter((file) => cids.has(file.content_id ?? ""));
    const attachments = [...keptFiles(uploads.files), ...inline.map(({ url: _, ...file }) => file)];
    const written = { html: editor.current?.isEmpty() ? "" : html, recipients, attachments, actions };
    const now = { ...NO_LETTER, ...written };
    return away.current ? since(away.current, now) : now;
  };
  const written = useRef(letter);
  written.current = letter;
  /** Set by what is no writing of the person's, so that it is not kept as one. */
  const quiet = useRef(true);
  const show = (draft: Draft): void => {
    quiet.current = true;
    keeper.adopt(draft);
    editor.current?.put(incomingHtml(draft.html, draft.attachments));
    uploads.reset(draft.attachments);
    setRecipients(draft.recipients);
    setActions(draft.actions);
    setEmpty(!draft.html);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another draft of the server is news
  useEffect(() => {
    if (latest.rev > keeper.revision && keeper.settled && !busy) show(latest);
  }, [latest]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft is kept when these change
  useEffect(() => {
    if (!quiet.current) keeper.write(letter());
    quiet.current = false;
  }, [recipients, uploads.files, uploads.inline, actions]);

  const changed = (): void => {
    setEmpty(editor.current?.isEmpty() ?? true);
    setGaps([]);
    if (mode === "reply" && !editor.current?.isEmpty()) typed(head.id);
    if (trouble && !trouble.newer) clearTrouble();
    keeper.write(letter());
  };
  const sendNow = async (then?: Then, anyway = false): Promise<void> => {
    const box = editor.current;
    if (!box || busy || away.current || wrong || waits || (box.isEmpty() && uploads.files.length === 0))
      return;
    // Before anything is waited for: the box may be left meanwhile, and its text with it.
    const mine = letter();
    const missing = mode === "reply" && !anyway ? variablesIn(mine.html) : [];
    setGaps(missing);
    if (missing.length > 0) return;
    const outgoing = { ...mine, recipients: people, mentions: box.mentions() };
    const text = box.depart();
    away.current = mine;
    const outcome = async (refusing: () => void): Promise<Sent<Trouble>> => {
      const came = await send(outgoing, { rev: keeper.revision, letter: mine }, refusing, then);
      away.current = null;
      if (typeof came === "string") clear(mine, text);
      else if (editor.current) {
        text.stays();
        setEmpty(editor.current.isEmpty());
      } else toast(`${refused} ${came.words}`, undefined, "error");
      return came;
    };
    const came = await keeper.send(mine, outcome, ask);
    // What was sent may have been changed in the box meanwhile.
    if (typeof came !== "string" && editor.current) keeper.write(written.current());
  };
  /** Of what was sent, as it was in the rendering that sent it; what was written meanwhile stays. */
  const clear = (gone: Letter, text: Departing): void => {
    if (!editor.current) return;
    quiet.current = true;
    text.left();
    uploads.sent(uploads);
    setRecipients((now) => (now === gone.recipients ? null : now));
    setActions((now) => now.filter((action) => !gone.actions.includes(action)));
    setUnfolded(false);
    setEmpty(editor.current.isEmpty());
  };
  const takeOther = (): void => {
    if (other) showDraft(client, place, other);
    const taken = keeper.takeOther();
    if (taken) show(taken);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { activeElement } = document;
    // A list that is open under the cursor takes the key first.
    if (event.key === "Escape" && !event.defaultPrevented && activeElement instanceof HTMLElement)
      activeElement.blur();
    if (!isSend(event)) return;
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
            aria-label={`Recipients: To ${recipientsLine(people)}`}
            onClick={() => setUnfolded(true)}
          >
            <span>To</span> {recipientsLine(people)}
          </button>
        ))}
      <Editor
        ref={editor}
        label={mode === "reply" ? "Reply" : "Note"}
        placeholder={
          mode === "reply"
            ? "Write a reply, or / for a macro…"
            : "Write a note. Only your colleagues see it; @ for people and teams, # for conversations, / for a macro."
        }
        initialHtml={incomingHtml(first.html, start.draft.attachments)}
        people={mode === "note" ? whom(names, head.brand_id) : []}
        macros={macros.choices}
        onMacro={macros.use}
        onChange={changed}
        conversations={mode === "note" ? (query) => knownConversations(client, query) : undefined}
        onFiles={uploads.add}
        onInlineImage={isEmail ? inlineImage : undefined}
        toolbarEnd={
          <>
            {!nothing && <Saved kept={kept} />}
            {mode === "reply" ? (
              <SendButton
                zone={names.brand(head.brand_id)?.time_zone}
                busy={busy}
                disabled={nothing || wrong || waits}
                send={(then) => void sendNow(then)}
              />
            ) : (
              <Button
                color="yellow.7"
                loading={busy}
                disabled={nothing || waits}
                onClick={() => void sendNow()}
              >
                Add note
              </Button>
            )}
          </>
        }
      />
      <Files uploads={uploads} />
      <Actions actions={actions} onChange={setActions} />
      {gaps.length > 0 && (
        <div role="alert" className={classes.trouble} data-newer>
          <span>
            {gaps.join(", ")} {gaps.length === 1 ? "isn’t" : "aren’t"} filled in: nothing is known for{" "}
            {gaps.length === 1 ? "it" : "them"}.
          </span>
          <Button size="compact-xs" variant="default" onClick={() => void sendNow(undefined, true)}>
            Send anyway
          </Button>
        </div>
      )}
      {other && <OtherDraft other={other} keepMine={() => void keeper.keepMine()} takeOther={takeOther} />}
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
