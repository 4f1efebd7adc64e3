import {
  IconCheck,
  IconClock,
  IconFlag3Filled,
  IconMail,
  IconMessage,
  IconPhone,
  IconPlug,
} from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import type { Channel, ConversationRow, Head } from "@/api/types";
import { useNames } from "@/data/directory";
import { callName } from "@/lib/calls";
import { personName } from "@/lib/person";
import { dueWords } from "@/lib/sla";
import { fullTime, untilLabel } from "@/lib/time";
import { Ago, useNow } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import classes from "./Row.module.css";
import { Tick } from "./Tick";
import { isUnheld, Unheld } from "./Unheld";

const CHANNELS: Record<Channel, { icon: ReactNode; name: string }> = {
  email: { icon: <IconMail size={14} />, name: "Email" },
  chat: { icon: <IconMessage size={14} />, name: "Chat" },
  phone: { icon: <IconPhone size={14} />, name: "Phone" },
  custom: { icon: <IconPlug size={14} />, name: "Custom channel" },
};

/** The last message in a line. */
function lastWords(head: Head): string {
  const words = head.preview || head.description;
  return words || (head.channel === "phone" ? "Phone call" : "No text");
}

/** What it is about. A call has no subject, and its first words depend on which webhook came first. */
function about(head: Head): string {
  if (head.subject) return head.subject;
  if (head.call) return callName(head.call);
  return head.description || lastWords(head);
}

interface RowProps {
  row: ConversationRow;
  selected: boolean;
  chosen: boolean;
  mayChoose: boolean;
  inbox: string;
  open: (id: string) => void;
  choose: (id: string, stretch: boolean) => void;
}

/** One conversation in 72 px: person and time, subject, last words. */
export const Row = memo(function Row(props: RowProps): ReactNode {
  const { row, chosen, mayChoose, choose } = props;
  return (
    <div
      className={classes.place}
      data-row={row.head.id}
      data-chosen={chosen || undefined}
      data-choosable={mayChoose || undefined}
    >
      <Card {...props} />
      {mayChoose && (
        <span className={classes.tick}>
          <Tick id={row.head.id} name={personName(row.head)} chosen={chosen} choose={choose} />
        </span>
      )}
    </div>
  );
});

function Card({ row, selected, mayChoose, inbox, open, choose }: RowProps): ReactNode {
  const { head, unread } = row;
  const names = useNames();
  const assignee = names.agent(head.assignee_id);
  const channel = CHANNELS[head.channel];
  return (
    <button
      type="button"
      className={classes.row}
      aria-current={selected || undefined}
      data-unread={unread || undefined}
      onClick={(event) => (event.shiftKey && mayChoose ? choose(head.id, true) : open(head.id))}
    >
      <span className={classes.line}>
        {!inbox.startsWith("brand:") && <BrandDot brand={names.brand(head.brand_id)} />}
        <span className={`${classes.name} sb-truncate`} dir="auto">
          {personName(head)}
        </span>
        <Badges head={head} />
        <Ago at={head.last_activity_at} className={`${classes.time} sb-number`} />
      </span>
      <span className={classes.line}>
        <span className={`${classes.subject} sb-truncate`} dir="auto">
          {about(head)}
        </span>
        {unread && <span className={classes.unread} title="Unread" />}
        {assignee && (
          <span title={`Assigned to ${assignee.name}`} className={classes.assignee}>
            <Avatar name={assignee.name} size={18} accent />
          </span>
        )}
        {isUnheld(head) && <Unheld head={head} />}
      </span>
      <span className={`${classes.line} ${classes.words}`}>
        <span className={classes.channel} title={channel.name}>
          {channel.icon}
        </span>
        <span className="sb-truncate" dir="auto">
          {head.preview_from === "agent" && "↩ "}
          {lastWords(head)}
        </span>
      </span>
    </button>
  );
}

function Badges({ head }: { head: Head }): ReactNode {
  const now = useNow();
  return (
    <>
      {head.priority && (
        <span className={classes.priority} title="Priority">
          <IconFlag3Filled size={13} aria-label="Priority" />
        </span>
      )}
      {head.status === "snoozed" && head.snoozed_until && (
        <span className={classes.badge} title={`Snoozed until ${fullTime(head.snoozed_until)}`}>
          <IconClock size={13} />
          {untilLabel(head.snoozed_until, now)}
        </span>
      )}
      {head.status === "closed" && (
        <span className={classes.badge} title="Closed">
          <IconCheck size={13} aria-label="Closed" />
        </span>
      )}
      {head.status === "open" && head.next_sla_at && <Due head={head} at={head.next_sla_at} now={now} />}
    </>
  );
}

function Due({ head, at, now }: { head: Head; at: string; now: Date }): ReactNode {
  const { state, short, long } = dueWords(head.sla, at, now);
  return (
    <span className={`${classes.badge} sb-number`} data-due={state} title={long}>
      <IconClock size={13} />
      {short}
    </span>
  );
}
