import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Clash } from "./Clash";
import { type Back, Section } from "./Section";
import classes from "./settings.module.css";
import type { Editing, Save } from "./useEdit";

interface EditFormProps<T, S extends { seq: number }> {
  title: string;
  hint?: ReactNode;
  back?: Back;
  editing: Editing<T, S>;
  save: Save<S>;
  /** Keep it without putting it in force: a button beside "Save". */
  draft?: Save<S> | null;
  /** Buttons before "Save". */
  actions?: ReactNode;
  submitLabel?: string;
  /** What somebody else made of it meanwhile, beside what is written here. */
  compare?: (theirs: S) => ReactNode;
  /** Beside the form where there is room, else below it. */
  aside?: ReactNode;
  children: ReactNode;
}

/** One thing of the settings as a form: saved by its button or Enter, and never over somebody else's change unseen. */
export function EditForm<T, S extends { seq: number }>({
  title,
  hint,
  back,
  editing,
  save,
  draft = null,
  actions,
  submitLabel = "Save",
  compare,
  aside,
  children,
}: EditFormProps<T, S>): ReactNode {
  const { trouble, busy, theirs } = editing;
  // Over somebody else's change goes what was asked for: a draft puts nothing in force.
  const [asDraft, setAsDraft] = useState(false);
  const submit = (drafted: boolean, over?: S): void => {
    setAsDraft(drafted);
    void editing.submit(drafted && draft ? draft : save, over);
  };
  return (
    <form
      className={classes.form}
      noValidate
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        submit(false);
      }}
    >
      <Section
        title={title}
        hint={hint}
        {...(back && { back })}
        aside={aside}
        actions={
          <>
            {actions}
            {draft && (
              <Button variant="default" onClick={() => submit(true)}>
                Save draft
              </Button>
            )}
            <Button type="submit" loading={busy}>
              {submitLabel}
            </Button>
          </>
        }
      >
        {theirs && (
          <Clash busy={busy} takeTheirs={editing.takeTheirs} saveMine={() => submit(asDraft, theirs)}>
            {compare?.(theirs)}
          </Clash>
        )}
        {trouble && (
          <p role="alert" className={classes.wrong}>
            {trouble}
          </p>
        )}
        {children}
      </Section>
    </form>
  );
}

/** Fields that belong together, under a name. */
export function Fields({
  name,
  hint,
  children,
}: {
  name: string;
  hint?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <fieldset className={classes.fields}>
      <legend>{name}</legend>
      {hint && <p className={classes.hint}>{hint}</p>}
      {children}
    </fieldset>
  );
}
