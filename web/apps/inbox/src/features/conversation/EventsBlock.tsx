import {
  IconBan,
  IconBell,
  IconBolt,
  IconCheck,
  IconCircle,
  IconClock,
  IconFlag3,
  IconRefresh,
  IconTag,
  IconUser,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { EventType } from "@/api/types";
import { useMe, useNames } from "@/data/directory";
import { fullTime } from "@/lib/time";
import { useNow } from "@/ui/Ago";
import type { Block } from "./layout";
import { actorWords, phraseOf } from "./phrases";
import classes from "./Timeline.module.css";
import { Why } from "./Why";

const ICONS: Partial<Record<EventType, ReactNode>> = {
  Assigned: <IconUser size={14} />,
  PriorityChanged: <IconFlag3 size={14} />,
  TopicChanged: <IconTag size={14} />,
  Tagged: <IconTag size={14} />,
  Snoozed: <IconClock size={14} />,
  Woken: <IconBell size={14} />,
  Closed: <IconCheck size={14} />,
  Reopened: <IconRefresh size={14} />,
  SpamMarked: <IconBan size={14} />,
  SpamUnmarked: <IconBan size={14} />,
};

/** What was done, as one muted line: "Rule VIP first assigned Email Support, set priority · Why?". */
export function EventsBlock({ block }: { block: Extract<Block, { kind: "events" }> }): ReactNode {
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
      </span>
    </p>
  );
}
