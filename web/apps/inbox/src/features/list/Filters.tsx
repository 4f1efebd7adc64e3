import { IconFilter, IconLayoutList, IconTable } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { SortOrder, StatusFilter } from "@/api/types";
import { isNarrowed, useListFilter } from "@/data/filter";
import type { ListStyle } from "@/lib/desk";
import { keep } from "@/lib/keep";
import { SORTS, STATUSES, usePlace } from "@/lib/place";
import { IconButton } from "@/ui/Quiet";
import { Choice } from "./Choice";
import classes from "./ConversationList.module.css";

const STATUS_NAMES: Record<StatusFilter, string> = {
  open: "Open",
  snoozed: "Snoozed",
  closed: "Closed",
  all: "Any status",
};

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

/** "204 open conversations, newest activity first", "1,000+ …": how many, and what filter is on. */
export function filterWords(
  total: number | null,
  status: StatusFilter,
  sort: SortOrder,
  narrowed = false,
): string {
  const noun = total === 1 ? "conversation" : "conversations";
  const kind = status === "all" ? "" : `${status} `;
  const many =
    total === null ? "Many" : total >= TOTAL_MAX ? `${TOTAL_MAX.toLocaleString()}+` : total.toLocaleString();
  const filtered = narrowed ? " · filtered" : "";
  return `${many} ${kind}${noun}${filtered} · ${SORT_NAMES[sort].toLowerCase()}`;
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
        value={filter.status}
        options={STATUSES}
        names={STATUS_NAMES}
        choose={(status) => place.filter({ status })}
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
