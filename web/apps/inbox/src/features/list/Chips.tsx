import { Menu } from "@mantine/core";
import { IconChevronDown, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Narrowing } from "@/api/lists";
import type { Channel } from "@/api/types";
import { type Names, useNames } from "@/data/directory";
import { CLEARED, differs, NARROWING, useListFilter } from "@/data/filter";
import { tagsQuery } from "@/data/inboxes";
import type { ListFilter } from "@/data/membership";
import { STATE_NAMES, STATES } from "@/lib/links";
import { CHANNELS, usePlace } from "@/lib/place";
import { TextButton } from "@/ui/Quiet";
import classes from "./Chips.module.css";
import { SaveView } from "./SaveView";

export const CHANNEL_NAMES: Record<Channel, string> = {
  email: "Email",
  chat: "Chat",
  phone: "Phone",
  custom: "Custom channel",
};

type Name = (typeof NARROWING)[number];

const LABELS: Record<Name, string> = {
  brand: "Brand",
  team: "Team",
  assignee: "Assignee",
  tags: "Tags",
  channel: "Channel",
  topic: "Topic",
  priority: "Priority",
  ticket: "Ticket",
};

interface Option {
  value: string;
  label: string;
}

function optionsOf(name: Name, names: Names, filter: ListFilter, tags: readonly string[]): Option[] {
  switch (name) {
    case "brand":
      return names.brands.map((each) => ({ value: each.brand_id, label: each.name }));
    case "team":
      return [
        { value: "none", label: "No team" },
        ...names.teams.map((each) => ({ value: each.team_id, label: each.name })),
      ];
    case "assignee":
      return [
        { value: "me", label: "Me" },
        { value: "none", label: "Nobody" },
        ...names.agents
          .filter((each) => each.active && names.answers(each))
          .map((each) => ({ value: each.agent_id, label: each.name })),
      ];
    case "tags":
      return tags.map((tag) => ({ value: tag, label: tag }));
    case "channel":
      return CHANNELS.map((value) => ({ value, label: CHANNEL_NAMES[value] }));
    case "topic": {
      const brands = filter.brand ? names.brands.filter((b) => b.brand_id === filter.brand) : names.brands;
      const topics = new Set(brands.flatMap((brand) => brand.topics));
      return [...topics].sort().map((topic) => ({ value: topic, label: topic }));
    }
    case "priority":
      return [
        { value: "true", label: "Priority" },
        { value: "false", label: "Not priority" },
      ];
    case "ticket":
      return STATES.map((value) => ({ value, label: STATE_NAMES[value] }));
  }
}

/** The chosen values of one field, as words. */
export function chosenWords(name: Name, filter: Narrowing, options: readonly Option[]): string {
  const value = filter[name];
  const values = Array.isArray(value) ? value : value === null || value === undefined ? [] : [String(value)];
  return values.map((each) => options.find((one) => one.value === each)?.label ?? each).join(" + ");
}

/** The filter after an option was chosen: a tag is added or taken off, anything else replaced. */
export function withOption(name: Name, filter: Narrowing, value: string): Narrowing {
  if (name === "priority") return { priority: value === "true" };
  if (name !== "tags") return { [name]: value };
  const tags = filter.tags ?? [];
  return { tags: tags.includes(value) ? tags.filter((tag) => tag !== value) : [...tags, value] };
}

/** What the list is narrowed to, a chip for each field; and saving it as a view. */
export default function Chips(): ReactNode {
  const place = usePlace();
  const { filter, view } = useListFilter();
  const changed = differs(filter, view);
  return (
    <section className={classes.chips} aria-label="Filters">
      {NARROWING.map((name) => (
        <Chip key={name} name={name} filter={filter} />
      ))}
      {changed && (
        <span className={classes.acts}>
          <SaveView filter={filter} view={view} />
          <TextButton onClick={() => place.unfilter()}>{view ? "Reset" : "Clear"}</TextButton>
        </span>
      )}
    </section>
  );
}

const SEARCH_FROM = 9;

function Chip({ name, filter }: { name: Name; filter: ListFilter }): ReactNode {
  const place = usePlace();
  const names = useNames();
  const tags = useQuery({ ...tagsQuery, enabled: name === "tags" });
  const [words, setWords] = useState("");
  const known = [...(filter.tags ?? []), ...(tags.data?.map((each) => each.tag) ?? [])];
  const options = optionsOf(name, names, filter, [...new Set(known)]);
  const chosen = chosenWords(name, filter, options);
  const shown = options.filter((each) => each.label.toLowerCase().includes(words.trim().toLowerCase()));
  const isOn = (value: string): boolean => {
    const now = filter[name];
    return Array.isArray(now) ? now.includes(value) : String(now) === value;
  };
  return (
    <span className={classes.chip} data-on={chosen !== "" || undefined}>
      <Menu position="bottom-start" onClose={() => setWords("")}>
        <Menu.Target>
          <button type="button" aria-label={chosen ? `${LABELS[name]}: ${chosen}` : LABELS[name]}>
            <span className="sb-truncate">{chosen || LABELS[name]}</span>
            {!chosen && <IconChevronDown size={12} />}
          </button>
        </Menu.Target>
        <Menu.Dropdown className={`${classes.options} sb-scroll`}>
          {options.length >= SEARCH_FROM && (
            <Menu.Search
              placeholder={`Find a ${LABELS[name].toLowerCase().replace(/s$/, "")}`}
              aria-label={`Find: ${LABELS[name]}`}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
            />
          )}
          {shown.map(({ value, label }) => (
            <Menu.CheckboxItem
              key={value}
              checked={isOn(value)}
              closeMenuOnClick={name !== "tags"}
              onChange={() => place.filter(withOption(name, filter, value))}
            >
              {label}
            </Menu.CheckboxItem>
          ))}
          {shown.length === 0 && <p className={classes.none}>Nothing is called that.</p>}
        </Menu.Dropdown>
      </Menu>
      {chosen && (
        <button
          type="button"
          className={classes.clear}
          aria-label={`Any ${LABELS[name].toLowerCase()}`}
          onClick={() => place.filter({ [name]: CLEARED[name] })}
        >
          <IconX size={11} />
        </button>
      )}
    </span>
  );
}
