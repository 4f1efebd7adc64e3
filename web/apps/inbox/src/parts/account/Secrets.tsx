import { Button, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Enrolment } from "@/api/account";
import { focused } from "@/lib/focused";
import classes from "./account.module.css";

/** A text that is copied with one press. */
export function Copy({ text, label }: { text: string; label: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <Button
      variant="default"
      leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {copied ? "Copied" : label}
    </Button>
  );
}

/** What sets an authenticator app up: a picture for its camera, and the same to type. */
export function AppSetup({ enrolment }: { enrolment: Enrolment }): ReactNode {
  return (
    <div className={classes.setup}>
      <img src={enrolment.picture} alt="Scan this with your authenticator app" width={168} height={168} />
      <p>
        Scan the picture with an authenticator app, or type this key there:
        <code className={classes.key}>{enrolment.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
    </div>
  );
}

interface CodeFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
  hint?: string;
  focus?: boolean;
}

export function CodeField({ label, value, onChange, error, hint, focus }: CodeFieldProps): ReactNode {
  return (
    <TextInput
      label={label}
      description={hint}
      size="sm"
      autoComplete="one-time-code"
      inputMode="text"
      spellCheck={false}
      data-autofocus
      ref={focus ? focused : undefined}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Recovery codes, which are shown once. */
export function RecoveryCodes({ codes }: { codes: string[] }): ReactNode {
  return (
    <div className={classes.setup}>
      <p>
        Keep these recovery codes where your phone is not. Each signs you in once without it; they are not
        shown again.
      </p>
      <ol className={classes.codes} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <Copy text={codes.join("\n")} label="Copy the codes" />
    </div>
  );
}
