import { Button, SegmentedControl, Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { TicketHead } from "@/api/tickets";
import { useMay } from "@/data/directory";
import { ticketCommands } from "@/data/tickets";
import { useAttempt } from "@/lib/attempt";
import { aboutTicket } from "@/lib/draft-place";
import { isSend } from "@/lib/keys";
import { paragraphs } from "@/lib/paragraphs";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { writtenIn } from "@/parts/unsent/written";
import { FormEnd } from "@/ui/FormEnd";
import { toast } from "@/ui/toast";
import classes from "./tickets.module.css";
import { UpdateFields, updateOf } from "./UpdateFields";

type Mode = "comment" | "update";

/** `restored` counts up when a text was put back into it. */
export interface OpenBox {
  mode: Mode;
  restored: number;
}

interface TicketWritingProps {
  ticket: TicketHead;
  box: OpenBox;
  open: (mode: Mode) => void;
  /** What was said before and is refused. */
  above: ReactNode;
}

/** Say something: to colleagues, or (a tracker) to everybody who reported it. */
export function TicketWriting({ ticket, box, open, above }: TicketWritingProps): ReactNode {
  const mayWrite = useMay("tickets.write");
  // Who may not write any more still sees what that took from them.
  if (!mayWrite) return above && <div className={classes.writing}>{above}</div>;
  const { mode, restored } = box;
  const own = { ticket, focused: restored > 0 };
  return (
    <div className={classes.writing}>
      {above}
      {ticket.kind === "tracker" && (
        <SegmentedControl
          aria-label="What to write"
          data={[
            { value: "comment", label: "Comment" },
            { value: "update", label: "Update for reports" },
          ]}
          value={mode}
          onChange={(next) => open(next === "update" ? "update" : "comment")}
        />
      )}
      {mode === "comment" ? (
        <Comment key={restored} {...own} />
      ) : (
        <Post key={restored} {...own} done={() => open("comment")} />
      )}
    </div>
  );
}

interface BoxProps {
  ticket: TicketHead;
  /** The cursor begins in it. */
  focused: boolean;
}

function Comment({ ticket, focused }: BoxProps): ReactNode {
  const client = useQueryClient();
  const draft = useDraft({ about: aboutTicket(ticket.id), box: "comment" });
  const { text } = draft.letter;
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (!text.trim() || busy) return;
    setBusy(true);
    try {
      await draft.sendOrWait((unsaved) =>
        ticketCommands(client, ticket.id).comment(
          paragraphs(text),
          draft.key(text),
          writtenIn("comment", unsaved),
        ),
      );
    } catch (error) {
      toast(`Your comment wasn’t added. ${sentenceOf(error)}`, undefined, "error");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.box}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        aria-label="Comment"
        placeholder="Comment for colleagues. Customers never see it."
        variant="unstyled"
        dir="auto"
        autosize
        minRows={2}
        maxRows={12}
        autoFocus={focused}
        value={text}
        onChange={({ currentTarget: { value } }) => draft.change({ text: value })}
        onKeyDown={(event) => {
          if (isSend(event)) void send();
        }}
      />
      {draft.notice}
      <FormEnd>
        {text.trim() && <Saved kept={draft.kept} />}
        <Button type="submit" loading={busy} disabled={!text.trim()}>
          Comment
        </Button>
      </FormEnd>
    </form>
  );
}

function Post({ ticket, focused, done }: BoxProps & { done: () => void }): ReactNode {
  const client = useQueryClient();
  const draft = useDraft({ about: aboutTicket(ticket.id), box: "update" });
  const { busy, trouble, attempt } = useAttempt();
  const update = updateOf(draft.letter);
  const post = (): Promise<void> =>
    attempt(async () => {
      const sent = await draft.sendOrWait((unsaved) =>
        ticketCommands(client, ticket.id).post(update, draft.key(update), writtenIn("update", unsaved)),
      );
      if (sent) toast("Posted");
      done();
    });
  return (
    <form
      className={classes.comment}
      onSubmit={(event) => {
        event.preventDefault();
        void post();
      }}
    >
      <UpdateFields ticket={ticket} draft={draft} disabled={busy} autoFocus={focused} />
      {draft.notice}
      <FormEnd>
        <p role="alert">{trouble}</p>
        {update.html && <Saved kept={draft.kept} />}
        <Button type="submit" loading={busy} disabled={!update.html}>
          Post update
        </Button>
      </FormEnd>
    </form>
  );
}
