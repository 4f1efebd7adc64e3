import { Button, Textarea } from "@mantine/core";
import { IconPhoneCall, IconPhoneCheck, IconPhoneOff } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Call } from "@/api/calls";
import { ApiError, sentenceOf } from "@/api/client";
import type { CallOutcome, Dial } from "@/api/phone";
import type { Head } from "@/api/types";
import { useMay } from "@/data/directory";
import { noteAttempt } from "@/data/phone";
import { ATTEMPTS, attemptsOver, dialWords, OUTCOMES, outcomeName, overWords } from "@/lib/calls";
import { aboutConversation } from "@/lib/draft-place";
import { Card } from "@/parts/Card";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { toast } from "@/ui/toast";
import classes from "./phone.module.css";

/** Beside a conversation: the call that was asked for last, and the attempts to reach the customer by phone. */
export default function Calls({ head }: { head: Head }): ReactNode {
  const mayReply = useMay("conversations.reply");
  const over = attemptsOver(head);
  return (
    <Card name="Calls">
      <div className={classes.calls}>
        {head.dial && <LastDial dial={head.dial} call={head.call} />}
        <p className={classes.progress}>
          <Marks made={head.call_attempts} over={over} />
          {over
            ? `Attempt ${head.call_attempts} of ${ATTEMPTS}`
            : `Attempt ${head.call_attempts + 1} of ${ATTEMPTS}`}
          {head.call_outcome && <span> · {before(head)}</span>}
        </p>
        {over ? (
          <p className={classes.over}>{overWords(head)}</p>
        ) : (
          mayReply && <Attempt key={head.id} head={head} />
        )}
      </div>
    </Card>
  );
}

/** What the attempt before came to; at the end, the last one's. */
function before(head: Head): string {
  const name = head.call_outcome ? outcomeName(head.call_outcome).toLowerCase() : "";
  return attemptsOver(head) ? name : `before: ${name}`;
}

function Marks({ made, over }: { made: number; over: boolean }): ReactNode {
  return (
    <span className={classes.marks} aria-hidden>
      {Array.from({ length: ATTEMPTS }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: marks have nothing but their place
        <i key={n} data-made={n < made || undefined} data-next={(!over && n === made) || undefined} />
      ))}
    </span>
  );
}

function LastDial({ dial, call }: { dial: Dial; call: Call | null | undefined }): ReactNode {
  const failed = dial.state === "failed" || dial.state === "unknown";
  const icon = failed ? (
    <IconPhoneOff size={15} />
  ) : dial.state === "dialed" ? (
    <IconPhoneCheck size={15} />
  ) : (
    <IconPhoneCall size={15} />
  );
  return (
    <p className={classes.dial} role="status" data-state={dial.state}>
      {icon}
      <span>{dialWords(dial, call)}</span>
    </p>
  );
}

function Attempt({ head }: { head: Head }): ReactNode {
  const client = useQueryClient();
  const attempt = head.call_attempts + 1;
  const draft = useDraft({ about: aboutConversation(head.id), box: "attempt" });
  const { text: note, fields } = draft.letter;
  const outcome: CallOutcome | null = OUTCOMES.find(([id]) => id === fields.outcome)?.[0] ?? null;
  const [wrong, setWrong] = useState<{ outcome?: string; note?: string; other?: string }>({});
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    if (busy) return;
    if (!outcome || !note.trim()) {
      return setWrong({
        ...(!outcome && { outcome: "Choose how it went." }),
        ...(!note.trim() && { note: "Say what happened." }),
      });
    }
    setBusy(true);
    setWrong({});
    const noted = { attempt, outcome, note: note.trim() };
    try {
      await draft.send(() => noteAttempt(client, head.id, noted, draft.key(noted)));
      toast(`Attempt ${attempt} noted`);
    } catch (error) {
      const field = error instanceof ApiError && error.fields.find((each) => each.path === "body.note");
      setWrong(field ? { note: sentenceOf(error) } : { other: sentenceOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.attempt}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset>
        <legend>How did it go?</legend>
        <div className={classes.outcomes}>
          {OUTCOMES.map(([id, name]) => (
            <label key={id}>
              <input
                type="radio"
                name={`outcome ${head.id}`}
                value={id}
                checked={outcome === id}
                onChange={() => {
                  draft.enter({ outcome: id });
                  setWrong(({ note: kept }) => (kept ? { note: kept } : {}));
                }}
              />
              <span>{name}</span>
            </label>
          ))}
        </div>
        {wrong.outcome && (
          <p className={classes.wrong} role="alert">
            {wrong.outcome}
          </p>
        )}
      </fieldset>
      <Textarea
        label="Note"
        placeholder="What happened, and what comes next"
        autosize
        minRows={2}
        maxRows={6}
        maxLength={2000}
        value={note}
        error={wrong.note ?? null}
        onChange={(event) => {
          draft.change({ text: event.currentTarget.value });
          setWrong(({ outcome: kept }) => (kept ? { outcome: kept } : {}));
        }}
      />
      {wrong.other && (
        <p className={classes.wrong} role="alert">
          {wrong.other}
        </p>
      )}
      {draft.notice}
      <div className={classes.attemptEnd}>
        <Button type="submit" variant="default" loading={busy}>
          Save attempt {attempt}
        </Button>
        {(note || outcome) && <Saved kept={draft.kept} />}
      </div>
    </form>
  );
}
