import { Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { TextButton } from "@/ui/Quiet";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly T[];
  /** Those that come after them, under a heading. */
  more?: { heading: string; options: readonly T[] };
  names: Record<T, string>;
  choose: (value: T) => void;
}

/** One of a few, as a plain text button. */
export function Choice<T extends string>({
  label,
  value,
  options,
  more,
  names,
  choose,
}: ChoiceProps<T>): ReactNode {
  const item = (option: T): ReactNode => (
    <Menu.RadioItem
      key={option}
      value={option}
      checked={option === value}
      closeMenuOnClick
      onChange={() => choose(option)}
    >
      {names[option]}
    </Menu.RadioItem>
  );
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <TextButton aria-label={`${label}: ${names[value]}`}>
          <span className="sb-truncate">{names[value]}</span>
          <IconChevronDown size={13} />
        </TextButton>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map(item)}
        {more && (
          <>
            <Menu.Divider />
            <Menu.Label>{more.heading}</Menu.Label>
            {more.options.map(item)}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
