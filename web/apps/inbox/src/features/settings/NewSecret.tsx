import { Button, CopyButton } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./forms.module.css";

interface NewSecretProps {
  secret: string;
  /** One sentence: what it is for. */
  about: string;
  done: () => void;
}

/** A secret that was just made, shown this once. */
export function NewSecret({ secret, about, done }: NewSecretProps): ReactNode {
  return (
    <section className={classes.secret} aria-label="Signing secret">
      <p>This is the secret. {about} Keep it now: it is not shown again.</p>
      <code>{secret}</code>
      <div className={classes.bar}>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={done}>
          I have kept it
        </Button>
      </div>
    </section>
  );
}
