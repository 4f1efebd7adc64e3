import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { isSend } from "@/lib/keys";
import classes from "./forms.module.css";

interface FormFootProps {
  /** What follows from it, while nothing is wrong. */
  note?: ReactNode;
  /** Where what was entered is kept, once something was. */
  saved?: ReactNode;
  trouble: string;
  act: string;
  busy: boolean;
  disabled?: boolean;
  cancel: () => void;
}

/** The end of a dialog, in sight however long the form is: what follows or what is wrong, and the one thing to do. */
export function FormFoot({ note, saved, trouble, act, busy, disabled, cancel }: FormFootProps): ReactNode {
  return (
    <div className={classes.foot}>
      <div className={classes.note}>
        <p role="alert">{trouble}</p>
        {!trouble && note}
      </div>
      {saved}
      <Button variant="subtle" color="gray" onClick={cancel}>
        Cancel
      </Button>
      <Button type="submit" loading={busy} disabled={disabled ?? false} title="Ctrl Enter">
        {act}
      </Button>
    </div>
  );
}

/** Ctrl or Cmd and Enter send a form from anywhere in it. */
export const submitOnKeys = (event: React.KeyboardEvent<HTMLFormElement>): void => {
  if (!isSend(event)) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
};
