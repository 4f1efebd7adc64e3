import { Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { TextButton } from "@/ui/Quiet";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly T[];
  names: Record<T, string>;
  choose: (value: T) => void;
}

/** One of a few, as a plain text button. */
export function Choice<T extends string>({
  label,
  value,
  options,
  names,
  choose,
}: ChoiceProps<T>): ReactNode {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <TextButton aria-label={`${label}: ${names[value]}`}>
          <span className="sb-truncate">{names[value]}</span>
          <IconChevronDown size={13} />
        </TextButton>
      </Menu.Target>
      <Menu.Dropdown>
        {options.map((option) => (
          <Menu.RadioItem
            key={option}
            value={option}
            checked={option === value}
            closeMenuOnClick
            onChange={() => choose(option)}
          >
            {names[option]}
          </Menu.RadioItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
