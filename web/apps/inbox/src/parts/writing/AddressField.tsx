import { IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import type { Address } from "@/api/types";
import { readAddresses, shortName, without } from "@/lib/recipients";
import classes from "./writing.module.css";

interface AddressFieldProps {
  label: string;
  value: Address[];
  onChange: (value: Address[]) => void;
  /** Told whether something stands there that is no address. */
  onWrong: (wrong: boolean) => void;
  autoFocus?: boolean;
  end?: ReactNode;
}

/** Mailboxes as small tokens; Enter, comma, Tab or leaving the field takes what was typed. */
export function AddressField({
  label,
  value,
  onChange,
  onWrong,
  autoFocus,
  end,
}: AddressFieldProps): ReactNode {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const id = useId();
  const take = (text: string): void => {
    const { read, rest } = readAddresses(text);
    if (read.length) onChange([...value, ...without(read, value)]);
    setTyped(rest.join(", "));
    setWrong(rest.length ? `“${rest[0]}” isn’t an email address yet.` : "");
    onWrong(rest.length > 0);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    const ends = (event.key === "Enter" && typed.trim()) || event.key === "," || event.key === ";";
    if (ends) {
      // The first Enter takes the address, even with Ctrl: nothing is sent without it.
      event.preventDefault();
      event.stopPropagation();
      take(typed);
    }
    if (event.key === "Backspace" && !typed && value.length) onChange(value.slice(0, -1));
  };
  return (
    <div className={classes.field}>
      <label htmlFor={id}>{label}</label>
      <div className={classes.tokens}>
        {value.map((person) => (
          <span key={person.address} className={classes.token} title={person.address}>
            <span className="sb-truncate">{shortName(person)}</span>
            <button
              type="button"
              aria-label={`Remove ${shortName(person)}`}
              onClick={() => onChange(value.filter((each) => each !== person))}
            >
              <IconX size={12} />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={typed}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: the field a person just asked for
          autoFocus={autoFocus}
          // A dialog would give the focus to its first button.
          data-autofocus={autoFocus || undefined}
          aria-invalid={Boolean(wrong)}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setWrong("");
            onWrong(false);
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const text = event.clipboardData.getData("text");
            if (!/[,;\n]/.test(text)) return;
            event.preventDefault();
            take(text);
          }}
          onBlur={() => typed.trim() && take(typed)}
        />
        {wrong && (
          <span role="alert" className={classes.wrong}>
            {wrong}
          </span>
        )}
      </div>
      {end}
    </div>
  );
}
