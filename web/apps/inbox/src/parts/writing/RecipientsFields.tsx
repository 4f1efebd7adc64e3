import { type ReactNode, useState } from "react";
import type { Recipients } from "@/lib/recipients";
import { TextButton } from "@/ui/Quiet";
import { AddressField } from "./AddressField";
import classes from "./writing.module.css";

interface RecipientsFieldsProps {
  value: Recipients;
  onChange: (value: Recipients) => void;
  autoFocus?: boolean;
}

/** To, and Cc and Bcc once they are wanted. */
export function RecipientsFields({ value, onChange, autoFocus }: RecipientsFieldsProps): ReactNode {
  const [cc, setCc] = useState(value.cc.length > 0);
  const [bcc, setBcc] = useState(value.bcc.length > 0);
  return (
    <>
      <AddressField
        label="To"
        value={value.to}
        onChange={(to) => onChange({ ...value, to })}
        autoFocus={autoFocus ?? false}
        end={
          <span className={classes.more}>
            {!cc && <TextButton onClick={() => setCc(true)}>Cc</TextButton>}
            {!bcc && <TextButton onClick={() => setBcc(true)}>Bcc</TextButton>}
          </span>
        }
      />
      {cc && (
        <AddressField
          label="Cc"
          value={value.cc}
          onChange={(next) => onChange({ ...value, cc: next })}
          autoFocus={value.cc.length === 0}
        />
      )}
      {bcc && (
        <AddressField
          label="Bcc"
          value={value.bcc}
          onChange={(next) => onChange({ ...value, bcc: next })}
          autoFocus={value.bcc.length === 0}
        />
      )}
    </>
  );
}
