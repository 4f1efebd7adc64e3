import { TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Address } from "@/api/types";
import { IconButton, TextButton } from "@/ui/Quiet";
import classes from "./forms.module.css";

interface AddressListProps {
  addresses: readonly Address[];
  wrong: (path: string) => string | null;
  change: (addresses: Address[]) => void;
}

/** Mailboxes, each with the name that customers see beside it. */
export function AddressList({ addresses, wrong, change }: AddressListProps): ReactNode {
  const put = (at: number, part: Partial<Address>): void =>
    change(addresses.map((each, index) => (index === at ? { ...each, ...part } : each)));
  return (
    <div className={classes.rows}>
      {addresses.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and only the last is added
        <div key={index} className={classes.address}>
          <TextInput
            aria-label={`Mailbox ${index + 1}`}
            placeholder="support@example.com"
            type="email"
            value={each.address}
            error={wrong(`addresses.${index}`)}
            onChange={(event) => put(index, { address: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`Name of mailbox ${index + 1}`}
            placeholder="Name that customers see"
            value={each.name}
            onChange={(event) => put(index, { name: event.currentTarget.value })}
          />
          <IconButton
            label={`Remove mailbox ${index + 1}`}
            onClick={() => change(addresses.filter((_, at) => at !== index))}
          >
            <IconX size={15} />
          </IconButton>
        </div>
      ))}
      <TextButton onClick={() => change([...addresses, { address: "", name: "" }])}>
        <IconPlus size={14} /> Add a mailbox
      </TextButton>
    </div>
  );
}
