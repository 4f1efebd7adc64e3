import { Skeleton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { TriedEvent } from "@/api/tries";
import { showHandle } from "@/lib/person";
import { STRIKES } from "@/lib/rules/clock";
import { allDecided } from "@/lib/rules/decided";
import { eventLabel } from "@/lib/rules/events";
import { leafWords, type Naming } from "@/lib/rules/words";
import { GroupOfTrace, Mark } from "@/parts/trace/Trace";
import { Ago } from "@/ui/Ago";
import { Later } from "@/ui/Later";
import classes from "./tries.module.css";

interface TriesProps {
  tried: UseQueryResult<{ items: TriedEvent[] }>;
  naming: Naming;
}

/** What the rule as it is written now would do to the conversations of lately. */
export function Tries({ tried, naming }: TriesProps): ReactNode {
  const items = tried.data?.items ?? [];
  const matched = items.filter((each) => each.matched).length;
  return (
    <section
      className={classes.tries}
      aria-label="Tried on recent conversations"
      aria-busy={tried.isFetching}
    >
      <header>
        <h2>Tried on recent conversations</h2>
        {items.length > 0 && (
          <output className="sb-number">
            {matched} of {items.length} match
          </output>
        )}
      </header>
      <State tried={tried} />
      <ul data-stale={tried.isPlaceholderData || tried.isError || undefined}>
        {items.map((each) => (
          <Tried key={`${each.conversation_id} ${each.event}`} tried={each} naming={naming} />
        ))}
      </ul>
    </section>
  );
}

/** What there is to say besides the list. */
function State({ tried }: Pick<TriesProps, "tried">): ReactNode {
  if (tried.fetchStatus === "idle" && tried.isPending) {
    return <p>Choose when the rule begins, and see here what it would have done lately.</p>;
  }
  if (tried.error) {
    const incomplete = tried.error instanceof ApiError && tried.error.status === 422;
    return (
      <p role={incomplete ? "status" : "alert"}>
        {incomplete ? "Goes on when the rule is complete." : sentenceOf(tried.error)}
      </p>
    );
  }
  if (tried.isPending) {
    return (
      <Later>
        <Skeleton height={36} />
        <Skeleton height={36} />
      </Later>
    );
  }
  return tried.data.items.length === 0 ? <p>None of these has happened lately.</p> : null;
}

function Tried({ tried, naming }: { tried: TriedEvent; naming: Naming }): ReactNode {
  const [opened, setOpened] = useState(false);
  const { conditions } = tried.trace;
  return (
    <li data-matched={tried.matched || undefined}>
      <button type="button" aria-expanded={opened} onClick={() => setOpened(!opened)}>
        <Mark held={tried.matched} />
        <span className={classes.words}>
          <b className="sb-truncate" dir="auto">
            {tried.title || "No subject"}
          </b>
          <small className="sb-truncate" dir="auto">
            {showHandle(tried.customer)} · {eventLabel(tried.event)} · <Ago at={tried.at} />
          </small>
        </span>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden />
      </button>
      {opened && (
        <div className={classes.why}>
          {conditions ? (
            <GroupOfTrace group={conditions} top asked={(each) => leafWords(each, naming)} />
          ) : (
            <p>It has no conditions: it always matches.</p>
          )}
          {tried.matched && <p>It would {allDecided(tried.actions, naming)}.</p>}
          {tried.event !== STRIKES && <p>At the time, the rules did: {allDecided(tried.did, naming)}.</p>}
          <Link
            to="/inbox/$inbox/$conversationId"
            params={{ inbox: "all", conversationId: tried.conversation_id }}
            target="_blank"
          >
            Open the conversation
          </Link>
        </div>
      )}
    </li>
  );
}
