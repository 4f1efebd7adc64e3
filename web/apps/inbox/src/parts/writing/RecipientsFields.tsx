import { type ReactNode, useRef, useState } from "react";
import type { Recipients } from "@/lib/recipients";
import { TextButton } from "@/ui/Quiet";
import { AddressField } from "./AddressField";
import classes from "./writing.module.css";

interface RecipientsFieldsProps {
  value: Recipients;
  onChange: (value: Recipients) => void;
  /** Told whether a field holds something that is no address. */
  onWrong: (wrong: boolean) => void;
  autoFocus?: boolean;
}

/** To, and Cc and Bcc once they are wanted. */
export function RecipientsFields({ value, onChange, onWrong, autoFocus }: RecipientsFieldsProps): ReactNode {
  const [cc, setCc] = useState(value.cc.length > 0);
  const [bcc, setBcc] = useState(value.bcc.length > 0);
  const wrong = useRef(new Set<string>());
  const tell = (field: string, is: boolean): void => {
    if (is) wrong.current.add(field);
    else wrong.current.delete(field);
    onWrong(wrong.current.size > 0);
  };
  return (
    <>
      <AddressField
        label="To"
        onWrong={(is) => tell("To", is)}
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
          onWrong={(is) => tell("Cc", is)}
          value={value.cc}
          onChange={(next) => onChange({ ...value, cc: next })}
          autoFocus={value.cc.length === 0}
        />
      )}
      {bcc && (
        <AddressField
          label="Bcc"
          onWrong={(is) => tell("Bcc", is)}
          value={value.bcc}
          onChange={(next) => onChange({ ...value, bcc: next })}
          autoFocus={value.bcc.length === 0}
        />
      )}
    </>
  );
}
