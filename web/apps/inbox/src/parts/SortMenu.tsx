import { Menu } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { TextButton } from "@/ui/Quiet";

interface Props<Order extends string> {
  orders: readonly Order[];
  names: Record<Order, string>;
  chosen: Order;
  choose: (order: Order) => void;
}

/** What a page's list is sorted by. */
export function SortMenu<Order extends string>({ orders, names, chosen, choose }: Props<Order>): ReactNode {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <TextButton aria-label={`Sort: ${names[chosen]}`}>
          {names[chosen]}
          <IconChevronDown size={13} />
        </TextButton>
      </Menu.Target>
      <Menu.Dropdown>
        {orders.map((order) => (
          <Menu.Item
            key={order}
            role="menuitemradio"
            aria-checked={order === chosen}
            onClick={() => choose(order)}
            rightSection={order === chosen && <IconCheck size={14} />}
          >
            {names[order]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
