import { Modal } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { type Decision, decisionsQuery } from "@/data/decisions";
import { desk } from "@/lib/desk";
import { fullTime, momentLabel } from "@/lib/time";
import Explanation from "@/parts/trace/Explanation";
import { outcomeWords, triggerWords } from "@/parts/trace/why-words";
import { useNow } from "@/ui/Ago";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import classes from "./Reasons.module.css";

const FIRST = 20;
const MOST = 100;

/** "Why?" of a whole conversation: every time that rules looked at it, the latest first, with what came of it. */
export default function Reasons({ head }: { head: Head }): ReactNode {
  const [limit, setLimit] = useState(FIRST);
  const [opened, setOpened] = useState<string | null>(null);
  const { data, error, refetch } = useQuery(decisionsQuery(head.id, head.seq, limit));
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe("onBeforeNavigate", ({ pathChanged }) => {
        if (pathChanged) desk.set({ explaining: false }); // an explanation leads to rules: it is not to wait here
      }),
    [router],
  );
  const items = data?.items.toReversed() ?? [];
  return (
    <Modal
      opened
      onClose={() => desk.set({ explaining: false })}
      title="Why is this conversation where it is?"
      size={560}
      centered
    >
      {error && (
        <p role="alert" className={classes.word}>
          The reasons can’t be shown. {sentenceOf(error)}{" "}
          <TextButton onClick={() => void refetch()}>Try again</TextButton>
        </p>
      )}
      {!data && !error && (
        <Later>
          <p className={classes.word}>Looking up the reasons…</p>
        </Later>
      )}
      {data && items.length === 0 && (
        <p className={classes.word}>
          No rule has looked at this conversation. A rule looks when the event happens that it is for.
        </p>
      )}
      <ol className={classes.list} aria-label="Decisions">
        {items.map((one) => (
          <Line
            key={one.id}
            decision={one}
            opened={opened === one.id}
            toggle={() => setOpened(opened === one.id ? null : one.id)}
          />
        ))}
      </ol>
      {items.length === limit && limit < MOST && (
        <TextButton onClick={() => setLimit(MOST)}>Show older ones</TextButton>
      )}
      {items.length === MOST && <p className={classes.word}>These are the latest hundred.</p>}
    </Modal>
  );
}

interface LineProps {
  decision: Decision;
  opened: boolean;
  toggle: () => void;
}

function Line({ decision, opened, toggle }: LineProps): ReactNode {
  const now = useNow();
  const { event, after } = decision.trigger;
  return (
    <li>
      <button type="button" className={classes.line} aria-expanded={opened} onClick={toggle}>
        {opened ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
        <span>
          {triggerWords(event, after)}
          <small>{outcomeWords(decision)}</small>
        </span>
        <time dateTime={decision.at} title={fullTime(decision.at)} className="sb-number">
          {momentLabel(decision.at, now)}
        </time>
      </button>
      {opened && <Explanation decisionId={decision.id} />}
    </li>
  );
}
