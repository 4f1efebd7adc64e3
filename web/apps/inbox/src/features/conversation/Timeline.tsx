import { IconArrowDown } from "@tabler/icons-react";
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { TimelineEntry } from "@/api/types";
import { takeApart } from "@/data/beside";
import { useMay, useMe } from "@/data/directory";
import { interleave, nearest, type Stream } from "@/data/interleave";
import { loadEarlierOf, timelineQuery } from "@/data/timeline";
import { dayLabel } from "@/lib/time";
import { useNow } from "@/ui/Ago";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import { CallCard } from "./CallCard";
import { EventsBlock } from "./EventsBlock";
import { type Block, lastOwnKey, layout } from "./layout";
import { MessageBlock } from "./MessageBlock";
import { NoteBlock } from "./NoteBlock";
import { SideBlock } from "./SideBlock";
import classes from "./Timeline.module.css";

/** A pane that scrolls must be reachable by keyboard. */
const SCROLLS_BY_KEY = { tabIndex: 0 };

/** How near to the end counts as "at the end", in px. */
const NEAR_PX = 90;

interface TimelineProps {
  id: string;
  /** Conversations that were merged into it: what happened there is shown among what happened here, by time. */
  mergedIds: readonly string[];
}

/** Everything that happened in one conversation; stays at the end while one reads there. */
export function Timeline({ id, mergedIds }: TimelineProps): ReactNode {
  const myId = useMe()?.agent.agent_id ?? "";
  const { data, error, isPending, refetch } = useQuery(timelineQuery(id));
  const merged = useQueries({
    queries: mergedIds.map((each) => timelineQuery(each)),
    combine: (answers) =>
      answers.flatMap(({ data: page }, index) => (page ? [{ id: mergedIds[index] ?? "", page }] : [])),
  });
  const streams = useMemo<Stream[]>(() => (data ? [{ id, page: data }, ...merged] : []), [id, data, merged]);
  const entries = useMemo(() => interleave(streams), [streams]);
  const blocks = useMemo(() => layout(entries), [entries]);
  const undoable = useUndoable(id, data?.items ?? []);
  const { scroller, content, unseen, toEnd, onScroll } = useStayAtEnd(lastWords(data?.items ?? [], myId));
  if (error && !data) {
    return (
      <div className={classes.trouble} role="alert">
        <p>{sentenceOf(error)}</p>
        <TextButton onClick={() => void refetch()}>Try again</TextButton>
      </div>
    );
  }
  return (
    <div className={classes.area}>
      <section
        ref={scroller}
        className={`${classes.scroll} sb-scroll`}
        onScroll={onScroll}
        {...SCROLLS_BY_KEY}
        aria-label="Timeline"
      >
        <div ref={content} className={classes.column}>
          {isPending && (
            <Later>
              <Skeletons />
            </Later>
          )}
          {nearest(streams) && <Earlier streams={streams} />}
          <Blocks id={id} blocks={blocks} undoable={undoable} />
        </div>
      </section>
      {unseen && (
        <button type="button" className={classes.pill} onClick={toEnd}>
          <IconArrowDown size={14} />
          New message
        </button>
      )}
    </div>
  );
}

interface Undoable {
  entryId: string;
  undo: () => void;
}

/** The last merge, as long as nothing was done since; the server decides it in the end. */
function useUndoable(id: string, own: readonly TimelineEntry[]): Undoable | null {
  const client = useQueryClient();
  const may = useMay("conversations.merge");
  const last = own.findLast((entry) => !QUIET.has(entry.type) || isBadNews(entry));
  if (!may || last?.type !== "MergeReceived") return null;
  return { entryId: last.id, undo: () => void takeApart(client, last.data.from_id, id) };
}

const QUIET = new Set<TimelineEntry["type"]>(["DeliveryUpdated", "Followed", "Unfollowed"]);

const isBadNews = (entry: TimelineEntry): boolean =>
  entry.type === "DeliveryUpdated" && (entry.data.state === "failed" || entry.data.state === "bounced");

interface BlocksProps {
  id: string;
  blocks: Block[];
  undoable: Undoable | null;
}

function Blocks({ id, blocks, undoable }: BlocksProps): ReactNode {
  const now = useNow();
  const lastOwn = lastOwnKey(blocks);
  return blocks.map((block) => {
    switch (block.kind) {
      case "day":
        return (
          <div key={block.key} className={classes.day}>
            <span>{dayLabel(block.at, now)}</span>
          </div>
        );
      case "message":
        return (
          <MessageBlock
            key={block.key}
            block={block}
            conversationId={block.of ?? id}
            isLastOwn={block.key === lastOwn}
          />
        );
      case "note":
        return <NoteBlock key={block.key} block={block} />;
      case "call":
        return <CallCard key={block.key} call={block.call} at={block.at} />;
      case "events":
        return (
          <EventsBlock
            key={block.key}
            block={block}
            undo={block.entries.some((each) => each.id === undoable?.entryId) ? undoable?.undo : undefined}
          />
        );
      case "side":
        return <SideBlock key={block.key} block={block} conversationId={id} />;
      default:
        return null;
    }
  });
}

function Earlier({ streams }: { streams: readonly Stream[] }): ReactNode {
  const client = useQueryClient();
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const load = (): void => {
    setState("busy");
    loadEarlierOf(client, streams).then(
      () => setState("idle"),
      () => setState("failed"),
    );
  };
  return (
    <div className={classes.earlier}>
      <TextButton onClick={load} disabled={state === "busy"}>
        {state === "failed" ? "That didn’t work. Try again" : "Show earlier messages"}
      </TextButton>
    </div>
  );
}

interface LastWords {
  seq: number;
  own: boolean;
}

/** The last message or note, and whether I wrote it: what else happens is no news to scroll for. */
function lastWords(entries: readonly TimelineEntry[], myId: string): LastWords {
  const last = entries.findLast((entry) => "message" in entry.data || entry.type === "NoteAdded");
  return { seq: last?.seq ?? 0, own: last?.by.kind === "agent" && last.by.id === myId };
}

interface AtEnd {
  scroller: React.RefObject<HTMLElement | null>;
  content: React.RefObject<HTMLDivElement | null>;
  unseen: boolean;
  toEnd: () => void;
  onScroll: () => void;
}

/** At the end: follow it, also when images or frames grow. Scrolled up: stay, and say that there is news. */
function useStayAtEnd(last: LastWords): AtEnd {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const seen = useRef(0);
  const [unseen, setUnseen] = useState(false);
  const toEnd = useCallback((): void => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = element.scrollHeight;
    follows.current = true;
    setUnseen(false);
  }, []);
  const onScroll = useCallback((): void => {
    const element = scroller.current;
    if (!element) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    if (follows.current) setUnseen(false);
  }, []);
  useLayoutEffect(() => {
    if (follows.current || last.own) toEnd();
    else if (seen.current && last.seq > seen.current) setUnseen(true);
    seen.current = last.seq;
  }, [last.seq, last.own, toEnd]);
  useEffect(() => {
    const grown = new ResizeObserver(() => follows.current && toEnd());
    if (content.current) grown.observe(content.current);
    if (scroller.current) grown.observe(scroller.current);
    return () => grown.disconnect();
  }, [toEnd]);
  return { scroller, content, unseen, toEnd, onScroll };
}

function Skeletons(): ReactNode {
  return (
    <div className={classes.skeletons} aria-hidden>
      <i style={{ width: "56%", height: 84 }} />
      <i style={{ width: "48%", height: 60, alignSelf: "flex-end" }} />
      <i style={{ width: "62%", height: 108 }} />
    </div>
  );
}
