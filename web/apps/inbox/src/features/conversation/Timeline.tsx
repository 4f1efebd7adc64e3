import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import type { TimelineEntry } from "@/api/types";
import { takeApart } from "@/data/beside";
import { useMay, useMe } from "@/data/directory";
import { interleave, nearest, type Stream } from "@/data/interleave";
import { loadEarlierOf, timelineQuery } from "@/data/timeline";
import { dayLabel } from "@/lib/time";
import { type LastWords, NoTimeline, TimelinePane, Unread } from "@/parts/timeline/TimelinePane";
import { useNow } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import { CallCard } from "./CallCard";
import { EventsBlock } from "./EventsBlock";
import { type Block, lastOwnKey, layout } from "./layout";
import { MessageBlock } from "./MessageBlock";
import { NoteBlock } from "./NoteBlock";
import { SideBlock } from "./SideBlock";
import classes from "./Timeline.module.css";
import { useCustomerZone } from "./useCustomerZone";

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
  const zone = useCustomerZone(id);
  const last = lastWords(data?.items ?? [], myId);
  if (error && !data) return <NoTimeline error={error} again={() => void refetch()} />;
  return (
    <TimelinePane last={last} news="New message" column={classes.column}>
      {isPending && <Unread />}
      {nearest(streams) && <Earlier streams={streams} />}
      <Blocks id={id} blocks={blocks} zone={zone} undoable={undoable} />
    </TimelinePane>
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
  /** The customer's. */
  zone: string;
  undoable: Undoable | null;
}

function Blocks({ id, blocks, zone, undoable }: BlocksProps): ReactNode {
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
            zone={zone}
            isLastOwn={block.key === lastOwn}
          />
        );
      case "note":
        return <NoteBlock key={block.key} block={block} />;
      case "call":
        return <CallCard key={block.key} call={block.call} at={block.at} zone={zone} />;
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

/** The last message or note, and whether I wrote it: what else happens is no news to scroll for. */
function lastWords(entries: readonly TimelineEntry[], myId: string): LastWords {
  const last = entries.findLast((entry) => "message" in entry.data || entry.type === "NoteAdded");
  return { seq: last?.seq ?? 0, own: last?.by.kind === "agent" && last.by.id === myId };
}
