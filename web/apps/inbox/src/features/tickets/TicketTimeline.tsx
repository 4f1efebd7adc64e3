import {
  IconAlarm,
  IconArrowRight,
  IconForms,
  IconLink,
  IconLinkOff,
  IconMessage2,
  IconPlus,
  IconSpeakerphone,
  IconStopwatch,
  IconUser,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import type { TicketEntry, TicketHead } from "@/api/tickets";
import { type Names, useMe, useNames } from "@/data/directory";
import { ticketTimelineQuery } from "@/data/tickets";
import { STATE_NAMES } from "@/lib/links";
import { updateWords } from "@/lib/sla";
import { clockTime, dayLabel, fullTime, sameDay, untilLabel } from "@/lib/time";
import type { Unsent } from "@/lib/waiting";
import shared from "@/parts/tickets/tickets.module.css";
import { type LastWords, NoTimeline, TimelinePane, Unread } from "@/parts/timeline/TimelinePane";
import { useNow } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import classes from "./timeline.module.css";
import { WaitingEntry } from "./WaitingEntry";

/** What an entry says after its actor; empty for what isn’t shown. */
export function ticketPhrase(entry: TicketEntry, ticket: TicketHead, names: Names, now: Date): string {
  switch (entry.type) {
    case "TicketSubmitted":
      return "submitted it";
    case "TicketStateChanged":
      return `moved it from ${STATE_NAMES[entry.data.previous_state]} to ${STATE_NAMES[entry.data.state]}`;
    case "TicketAssigned": {
      const { team_id, assignee_id } = entry.data;
      if (assignee_id && assignee_id === entry.by.id) return "took it";
      if (assignee_id) return `assigned ${names.agentName(assignee_id)}`;
      return team_id ? `gave it to ${names.teamName(team_id)}` : "unassigned it";
    }
    case "TicketFieldsChanged": {
      const fields = names.ticketType(ticket.type_id)?.fields ?? [];
      const labels = entry.data.changed.map((id) => fields.find((field) => field.id === id)?.label ?? id);
      return labels.length ? `changed ${labels.join(", ")}` : "changed the title";
    }
    case "TicketDueChanged":
      return entry.data.due_at ? `set it due ${untilLabel(entry.data.due_at, now)}` : "took the due time off";
    case "TicketCommented":
      return "commented";
    case "TicketLinked":
      return "linked a conversation";
    case "TicketUnlinked":
      return "unlinked a conversation";
    case "TicketSlaUpdated":
      return updateWords(entry.data, now);
    case "UpdatePosted": {
      const told = { none: "", all: ", and answered all customers", chosen: ", and answered some customers" };
      return `posted an update${told[entry.data.reply]}`;
    }
  }
}

interface TicketTimelineProps {
  ticket: TicketHead;
  /** What it is about. */
  above?: ReactNode;
  /** What one said and is not sent yet. */
  waiting: readonly Unsent[];
  takenBack: (entry: Unsent) => void;
}

/** What happened to a ticket, oldest first; what people said stands out. */
export function TicketTimeline({ ticket, above, waiting, takenBack }: TicketTimelineProps): ReactNode {
  const { data, error, isPending, refetch } = useQuery(ticketTimelineQuery(ticket.id));
  const myId = useMe()?.agent.agent_id ?? "";
  const entries = data?.items ?? [];
  if (error && !data) return <NoTimeline error={error} again={() => void refetch()} />;
  return (
    <TimelinePane last={lastWords(entries, waiting, myId)} news="New comment" column={classes.column}>
      {above}
      {isPending && <Unread />}
      {entries.map((entry, index) => {
        const before = entries[index - 1];
        return (
          <Fragment key={entry.id}>
            {!(before && sameDay(before.at, entry.at)) && <Day at={entry.at} />}
            <Entry entry={entry} ticket={ticket} />
          </Fragment>
        );
      })}
      {waiting.map((entry) => (
        <WaitingEntry key={entry.key} entry={entry} takenBack={takenBack} />
      ))}
    </TimelinePane>
  );
}

/** What is said; the rest is no news to scroll for. */
const saidIn = (entry: TicketEntry): string | null =>
  entry.type === "TicketCommented" || entry.type === "UpdatePosted" ? entry.data.text : null;

function lastWords(entries: readonly TicketEntry[], waiting: readonly Unsent[], myId: string): LastWords {
  const last = entries.findLast((entry) => saidIn(entry) !== null);
  return { seq: (last?.seq ?? 0) + waiting.length, own: waiting.length > 0 || last?.by.id === myId };
}

function Entry({ entry, ticket }: { entry: TicketEntry; ticket: TicketHead }): ReactNode {
  const names = useNames();
  const me = useMe()?.agent.agent_id;
  const now = useNow();
  const who = entry.by.id === me ? "You" : entry.by.name || "Switchboard";
  const said = saidIn(entry);
  const when = (
    <time dateTime={entry.at} title={fullTime(entry.at)} className="sb-number">
      {clockTime(entry.at)}
    </time>
  );
  const phrase = ticketPhrase(entry, ticket, names, now);
  if (!phrase) return null;
  if (said === null) {
    return (
      <p className={classes.event}>
        <span className={classes.mark}>
          {entry.type === "TicketStateChanged" ? (
            <span className={shared.dot} data-state={entry.data.state} />
          ) : (
            ICONS[entry.type]
          )}
        </span>
        <span>
          <b>{who}</b> {phrase} {when}
        </span>
      </p>
    );
  }
  return (
    <article className={classes.said} data-update={entry.type === "UpdatePosted" || undefined}>
      <span className={classes.mark}>
        <Avatar name={entry.by.name} size={24} accent />
      </span>
      <div>
        <header>
          <b>{who}</b> {phrase} {when}
          {entry.type === "UpdatePosted" && <IconSpeakerphone size={14} aria-hidden />}
        </header>
        <div dir="auto">{said}</div>
      </div>
    </article>
  );
}

const ICONS: Record<TicketEntry["type"], ReactNode> = {
  TicketSubmitted: <IconPlus size={14} />,
  TicketStateChanged: <IconArrowRight size={14} />,
  TicketAssigned: <IconUser size={14} />,
  TicketFieldsChanged: <IconForms size={14} />,
  TicketDueChanged: <IconAlarm size={14} />,
  TicketCommented: <IconMessage2 size={14} />,
  TicketLinked: <IconLink size={14} />,
  TicketUnlinked: <IconLinkOff size={14} />,
  UpdatePosted: <IconSpeakerphone size={14} />,
  TicketSlaUpdated: <IconStopwatch size={14} />,
};

function Day({ at }: { at: string }): ReactNode {
  return (
    <p className={classes.day}>
      <span>{dayLabel(at, useNow())}</span>
    </p>
  );
}
