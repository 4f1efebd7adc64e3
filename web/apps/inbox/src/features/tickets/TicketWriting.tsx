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
import shared from "@/parts/tickets/tickets.module.css";
import { toast } from "@/ui/toast";
import classes from "./tickets.module.css";
import { UpdateFields, updateOf } from "./UpdateFields";

/** Say something: to colleagues, or (a tracker) to everybody who reported it. */
export function TicketWriting({ ticket }: { ticket: TicketHead }): ReactNode {
  const mayWrite = useMay("tickets.write");
  const [mode, setMode] = useState<"comment" | "update">("comment");
  if (!mayWrite) return null;
  return (
    <div className={classes.writing}>
      {ticket.kind === "tracker" && (
        <SegmentedControl
          aria-label="What to write"
          data={[
            { value: "comment", label: "Comment" },
            { value: "update", label: "Update for reports" },
          ]}
          value={mode}
          onChange={(next) => setMode(next === "update" ? "update" : "comment")}
        />
      )}
      {mode === "comment" ? (
        <Comment ticket={ticket} />
      ) : (
        <Post ticket={ticket} done={() => setMode("comment")} />
      )}
    </div>
  );
}

function Comment({ ticket }: { ticket: TicketHead }): ReactNode {
  const client = useQueryClient();
  const draft = useDraft({ about: aboutTicket(ticket.id), box: "comment" });
  const { text } = draft.letter;
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (!text.trim() || busy) return;
    setBusy(true);
    try {
      await draft.send(async () => {
        await ticketCommands(client, ticket.id).comment(paragraphs(text), draft.key(text));
      });
    } catch (error) {
      toast(`Not added. ${sentenceOf(error)}`, undefined, "error");
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
        value={text}
        onChange={({ currentTarget: { value } }) => draft.change({ text: value })}
        onKeyDown={(event) => {
          if (isSend(event)) void send();
        }}
      />
      {draft.notice}
      <div className={shared.submit}>
        {text.trim() && <Saved kept={draft.kept} />}
        <Button type="submit" loading={busy} disabled={!text.trim()}>
          Comment
        </Button>
      </div>
    </form>
  );
}

function Post({ ticket, done }: { ticket: TicketHead; done: () => void }): ReactNode {
  const client = useQueryClient();
  const draft = useDraft({ about: aboutTicket(ticket.id), box: "update" });
  const { busy, trouble, attempt } = useAttempt();
  const update = updateOf(draft.letter);
  const post = (): Promise<void> =>
    attempt(async () => {
      await draft.send(() => ticketCommands(client, ticket.id).post(update, draft.key(update)));
      toast("Posted");
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
      <UpdateFields ticket={ticket} draft={draft} disabled={busy} />
      {draft.notice}
      <div className={shared.submit}>
        <p role="alert">{trouble}</p>
        {update.html && <Saved kept={draft.kept} />}
        <Button type="submit" loading={busy} disabled={!update.html}>
          Post update
        </Button>
      </div>
    </form>
  );
}
