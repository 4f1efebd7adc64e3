import { Menu } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { TicketState } from "@/api/tickets";
import { ticketCountsQuery } from "@/data/tickets";
import { STATE_NAMES, STATES } from "@/lib/links";
import { filterOf, type TicketPlace } from "@/lib/ticket-place";
import shared from "@/parts/tickets/tickets.module.css";
import { TextButton } from "@/ui/Quiet";

/** Which of a view's tickets are listed, with how many are in each state; nothing where the view is of one state. */
export function StateMenu({ place }: { place: TicketPlace }): ReactNode {
  const [opened, setOpened] = useState(false);
  const { state: own, ...narrowed } = filterOf(place.view);
  const { data } = useQuery({ ...ticketCountsQuery(narrowed), enabled: opened });
  if (own) return null;
  const name = stateName(place.state);
  const choices: [TicketState | null, number | undefined][] = [
    [null, data?.counts.all],
    ...STATES.map((state): [TicketState, number | undefined] => [state, data?.counts[`state:${state}`]]),
  ];
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-start" width={220}>
      <Menu.Target>
        <TextButton aria-label={`State: ${name}`}>
          {place.state && <span className={shared.dot} data-state={place.state} />}
          {name}
          <IconChevronDown size={13} />
        </TextButton>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(([state, count]) => (
          <Menu.Item
            key={state}
            role="menuitemradio"
            aria-checked={state === place.state}
            onClick={() => place.inState(state)}
            leftSection={<span className={shared.dot} data-state={state ?? "any"} />}
            rightSection={
              <span className={`${shared.count} sb-number`}>
                {Boolean(count) && count?.toLocaleString()}
                {state === place.state && <IconCheck size={14} />}
              </span>
            }
          >
            {stateName(state)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

export const stateName = (state: TicketState | null): string => (state ? STATE_NAMES[state] : "Not resolved");
