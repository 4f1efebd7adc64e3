import {
  IconActivity,
  IconBan,
  IconBell,
  IconBellRinging,
  IconBolt,
  IconBroadcast,
  IconCheck,
  IconCircle,
  IconCircleX,
  IconClock,
  IconFlag3,
  IconForms,
  IconGitMerge,
  IconLink,
  IconPhone,
  IconRefresh,
  IconRepeatOff,
  IconTag,
  IconTicket,
  IconUser,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { EventType } from "@/api/types";
import { useMe, useNames } from "@/data/directory";
import { fullTime } from "@/lib/time";
import { Why } from "@/parts/trace/Why";
import { useNow } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import type { Block } from "./layout";
import { actorWords, phraseOf } from "./phrases";
import classes from "./Timeline.module.css";

const ICONS: Partial<Record<EventType, ReactNode>> = {
  CallRequested: <IconPhone size={14} />,
  DialUpdated: <IconPhone size={14} />,
  CallAttempted: <IconPhone size={14} />,
  Assigned: <IconUser size={14} />,
  PriorityChanged: <IconFlag3 size={14} />,
  TopicChanged: <IconTag size={14} />,
  AttributesChanged: <IconForms size={14} />,
  Tagged: <IconTag size={14} />,
  Snoozed: <IconClock size={14} />,
  Woken: <IconBell size={14} />,
  Closed: <IconCheck size={14} />,
  Reopened: <IconRefresh size={14} />,
  AlertRaised: <IconBellRinging size={14} />,
  CustomEventEmitted: <IconBroadcast size={14} />,
  ActionRefused: <IconCircleX size={14} />,
  LoopStopped: <IconRepeatOff size={14} />,
  SpamMarked: <IconBan size={14} />,
  SpamUnmarked: <IconBan size={14} />,
  Merged: <IconGitMerge size={14} />,
  MergeReceived: <IconGitMerge size={14} />,
  LinkAdded: <IconLink size={14} />,
  LinkRemoved: <IconLink size={14} />,
  LinkProgressed: <IconTicket size={14} />,
  TicketUpdated: <IconTicket size={14} />,
  CustomerActed: <IconActivity size={14} />,
  SlaPolicyApplied: <IconClock size={14} />,
  SlaUpdated: <IconClock size={14} />,
};

interface EventsBlockProps {
  block: Extract<Block, { kind: "events" }>;
  /** What takes it back, as long as that is possible. */
  undo?: (() => void) | undefined;
}

/** What was done, as one muted line: "Rule VIP first assigned Email Support, set priority · Why?". */
export function EventsBlock({ block, undo }: EventsBlockProps): ReactNode {
  const names = useNames();
  const me = useMe();
  const now = useNow();
  const phrases = block.entries.map((entry) => phraseOf(entry, names, now)).filter(Boolean);
  if (phrases.length === 0) return null;
  const first = block.entries[0];
  const icon = block.by.kind === "rule" ? <IconBolt size={14} /> : first && ICONS[first.type];
  return (
    <p className={classes.event} title={fullTime(block.at)}>
      <span className={classes.eventIcon}>{icon ?? <IconCircle size={14} />}</span>
      <span>
        {block.by.kind === "rule" && block.by.name ? (
          <>
            Rule <em>{block.by.name}</em>
          </>
        ) : (
          <span>{actorWords(block.by, me?.agent.agent_id ?? "")}</span>
        )}{" "}
        {phrases.join(", ")}
        {block.decisionId && (
          <>
            {" · "}
            <Why decisionId={block.decisionId} />
          </>
        )}
        {undo && (
          <>
            {" · "}
            <TextButton onClick={undo}>Undo the merge</TextButton>
          </>
        )}
      </span>
    </p>
  );
}
