import { IconFilter, IconLayoutList, IconTable } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TicketState } from "@/api/tickets";
import type { SortOrder, StatusFilter } from "@/api/types";
import { isNarrowed, useListFilter } from "@/data/filter";
import type { ListFilter } from "@/data/membership";
import type { ListStyle } from "@/lib/desk";
import { keep } from "@/lib/keep";
import { STATE_NAMES, STATES } from "@/lib/links";
import { type PlaceSearch, SORTS, STATUSES, usePlace } from "@/lib/place";
import { IconButton } from "@/ui/Quiet";
import { Choice } from "./Choice";
import classes from "./ConversationList.module.css";

/** What the first button says: a status, or whatever status with a ticket in this state. */
type Standing = StatusFilter | `ticket:${TicketState}`;

const WITH_TICKET = STATES.map((state): Standing => `ticket:${state}`);

const STANDING_NAMES: Record<Standing, string> = {
  open: "Open",
  snoozed: "Snoozed",
  closed: "Closed",
  all: "Any status",
  "ticket:submitted": STATE_NAMES.submitted,
  "ticket:in_progress": STATE_NAMES.in_progress,
  "ticket:waiting_on_customer": STATE_NAMES.waiting_on_customer,
  "ticket:resolved": STATE_NAMES.resolved,
};

export const standingOf = ({ status, ticket }: ListFilter): Standing =>
  status === "all" && ticket ? `ticket:${ticket}` : status;

/** What changes by choosing one. A ticket's state that was chosen beside a status stays with another status. */
export function withStanding(filter: ListFilter, chosen: Standing): PlaceSearch {
  const ticket = STATES.find((state) => chosen === `ticket:${state}`);
  if (ticket) return { status: "all", ticket };
  return { status: chosen as StatusFilter, ...(standingOf(filter) !== filter.status && { ticket: null }) };
}

export const SORT_NAMES: Record<SortOrder, string> = {
  newest: "Newest activity",
  oldest: "Oldest activity",
  started_first: "Started first",
  started_last: "Started last",
  waited_longest: "Waited longest",
  next_sla: "Next SLA target",
  priority: "Priority first",
};

/** The service counts no further. */
const TOTAL_MAX = 1000;

/** "204 open conversations · newest activity", "1,000+ …": how many, and what filter is on. */
export function filterWords(total: number | null, filter: ListFilter): string {
  const { status, sort } = filter;
  const ticket = standingOf(filter) === status ? null : filter.ticket;
  const noun = total === 1 ? "conversation" : "conversations";
  const kind = status === "all" ? "" : `${status} `;
  const with_ = ticket ? ` · ticket ${STATE_NAMES[ticket].toLowerCase()}` : "";
  const many =
    total === null ? "Many" : total >= TOTAL_MAX ? `${TOTAL_MAX.toLocaleString()}+` : total.toLocaleString();
  const filtered = isNarrowed(ticket ? { ...filter, ticket: null } : filter) ? " · filtered" : "";
  return `${many} ${kind}${noun}${with_}${filtered} · ${SORT_NAMES[sort].toLowerCase()}`;
}

interface FiltersProps {
  style: ListStyle;
  /** Null: there is no room for another. */
  setStyle: ((style: ListStyle) => void) | null;
  narrowing: boolean;
  setNarrowing: (open: boolean) => void;
}

/** Status and sort as plain text buttons, then what narrows the list and how it looks. */
export function Filters({ style, setStyle, narrowing, setNarrowing }: FiltersProps): ReactNode {
  const place = usePlace();
  const { filter } = useListFilter();
  const sortBy = (sort: SortOrder): void => {
    keep("sort", sort);
    place.filter({ sort });
  };
  return (
    <div className={classes.filters}>
      <Choice
        label="Status"
        value={standingOf(filter)}
        options={STATUSES}
        more={{ heading: "With a ticket", options: WITH_TICKET }}
        names={STANDING_NAMES}
        choose={(chosen) => place.filter(withStanding(filter, chosen))}
      />
      <Choice label="Sort" value={filter.sort} options={SORTS} names={SORT_NAMES} choose={sortBy} />
      <span className={classes.tools}>
        <IconButton
          label={narrowing ? "Hide filters" : "Filter by brand, team, tag…"}
          aria-pressed={narrowing}
          active={narrowing || isNarrowed(filter)}
          onClick={() => setNarrowing(!narrowing)}
        >
          <IconFilter size={15} />
        </IconButton>
        {setStyle && (
          <IconButton
            label={style === "cards" ? "Show as a table" : "Show as cards"}
            onClick={() => setStyle(style === "cards" ? "table" : "cards")}
          >
            {style === "cards" ? <IconTable size={15} /> : <IconLayoutList size={15} />}
          </IconButton>
        )}
      </span>
    </div>
  );
}
