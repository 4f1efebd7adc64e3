import { Menu } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { SortOrder, StatusFilter } from "@/api/types";
import { SORTS, STATUSES, usePlace } from "@/lib/place";
import { TextButton } from "@/ui/Quiet";
import classes from "./ConversationList.module.css";

const STATUS_NAMES: Record<StatusFilter, string> = {
  open: "Open",
  snoozed: "Snoozed",
  closed: "Closed",
  all: "Any status",
};

const SORT_NAMES: Record<SortOrder, string> = {
  newest: "Newest activity",
  oldest: "Oldest activity",
  started_first: "Started first",
  started_last: "Started last",
  waited_longest: "Waited longest",
  next_sla: "Next SLA target",
  priority: "Priority first",
};

/** "1,204 open conversations, newest activity first": how many, and what filter is on. */
export function filterWords(total: number, status: StatusFilter, sort: SortOrder): string {
  const noun = total === 1 ? "conversation" : "conversations";
  const kind = status === "all" ? "" : `${status} `;
  return `${total.toLocaleString()} ${kind}${noun} · ${SORT_NAMES[sort].toLowerCase()}`;
}

/** Status and sort as plain text buttons. */
export function Filters(): ReactNode {
  const place = usePlace();
  return (
    <div className={classes.filters}>
      <Choice
        label="Status"
        value={place.status}
        options={STATUSES}
        names={STATUS_NAMES}
        choose={(status) => place.filter({ status })}
      />
      <Choice
        label="Sort"
        value={place.sort}
        options={SORTS}
        names={SORT_NAMES}
        choose={(sort) => place.filter({ sort })}
      />
    </div>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly T[];
  names: Record<T, string>;
  choose: (value: T) => void;
}

function Choice<T extends string>({ label, value, options, names, choose }: ChoiceProps<T>): ReactNode {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <TextButton aria-label={`${label}: ${names[value]}`}>
          {names[value]}
          <IconChevronDown size={13} />
        </TextButton>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map((option) => (
          <Menu.Item
            key={option}
            role="menuitemradio"
            aria-checked={option === value}
            onClick={() => choose(option)}
            rightSection={option === value ? <IconCheck size={14} /> : <span className={classes.noCheck} />}
          >
            {names[option]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
