import { Select, TextInput } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import { onEscape } from "@/lib/keys";
import type { EditedField } from "@/lib/waiting";
import { Field, FieldButton } from "@/parts/Field";
import classes from "./contact.module.css";

interface EditorProps {
  label: string;
  /** What is edited. */
  value: string;
  /** Throws when refused; its words show beneath the field. */
  save: (value: string) => Promise<unknown>;
  /** What stands in it when it opens, where that is not `value`. */
  begins?: string | undefined;
  /** Choices instead of free text; with `clearable` none of them is a choice too. */
  options?: readonly { value: string; label: string }[];
  clearable?: boolean;
  type?: "text" | "date" | "email" | "tel" | "url";
  placeholder?: string;
  help?: string;
  /** It closes; `keyed`: by a key, so the keyboard goes on where it was. */
  done: (keyed: boolean) => void;
}

/** What was typed in a field and refused later: the field opens with it. */
export type Again = Omit<EditedField, "typed">;

interface EditFieldProps extends Omit<EditorProps, "done" | "begins"> {
  /** What is shown; empty shows `empty`. */
  shown: ReactNode;
  empty?: string;
  mayEdit: boolean;
  again?: Again | null;
}

const SHOWN_MS = 50;

/** A label and its value, edited where it stands: Enter saves, Esc leaves, what is wrong is said right there. */
export function EditField(props: EditFieldProps): ReactNode {
  const { shown, mayEdit, empty = "Add", again = null, ...editor } = props;
  const { label, value } = editor;
  const [editing, setEditing] = useState(false);
  const [begins, closed] = useAgain(again, () => setEditing(true));
  const keyed = useRef(false);
  const words = shown || <span className={classes.nothing}>{mayEdit ? empty : "—"}</span>;
  if (!mayEdit) return <Field label={label}>{words}</Field>;
  return (
    <Field label={label}>
      {editing ? (
        <Editor
          {...editor}
          begins={begins}
          done={(byKey) => {
            closed();
            keyed.current = byKey;
            setEditing(false);
          }}
        />
      ) : (
        <FieldButton
          label={value ? `Edit ${label}` : `Add ${label}`}
          className={classes.wide}
          autoFocus={keyed.current}
          onClick={() => setEditing(true)}
        >
          {words}
        </FieldButton>
      )}
    </Field>
  );
}

/** The words that a field opens with once it is to be typed again; until the second is called, as it closes. */
export function useAgain(again: Again | null, open: () => void): [string | undefined, () => void] {
  const [seen, setSeen] = useState(again);
  const [words, setWords] = useState<string>();
  if (again !== seen) {
    setSeen(again);
    setWords(again?.words);
    if (again) open();
  }
  return [words, () => setWords(undefined)];
}

/** The open field. */
export function Editor({ done, ...props }: EditorProps): ReactNode {
  const { label, save, options } = props;
  const [opened] = useState(props.value);
  const [value, setValue] = useState(props.begins ?? opened);
  const keyed = useRef(false);
  const leave = (): void => done(keyed.current);
  const { trouble, busy, submit } = useSaving(save, leave);
  const settle = (next: string): void => {
    if (next.trim() === opened.trim()) leave();
    else void submit(next.trim());
  };
  const giveUp = (): void => {
    keyed.current = true;
    leave();
  };
  if (options) {
    return (
      <Select
        aria-label={label}
        className={classes.editor ?? ""}
        data={options}
        value={value || null}
        defaultDropdownOpened
        autoFocus
        searchable={options.length > 7}
        clearable={props.clearable ?? false}
        error={trouble || null}
        disabled={busy}
        onChange={(next) => {
          setValue(next ?? "");
          settle(next ?? "");
        }}
        onKeyDown={onEscape(giveUp)}
        onBlur={() => !busy && !trouble && leave()}
      />
    );
  }
  const onKey = (event: KeyboardEvent): void => {
    onEscape(giveUp)(event);
    if (event.key !== "Enter") return;
    // Without a line it closes at once, and the same press would open the field again by its button.
    event.preventDefault();
    keyed.current = true;
    settle(value);
  };
  return (
    <TextInput
      aria-label={label}
      className={classes.editor ?? ""}
      type={props.type === "date" ? "date" : "text"}
      inputMode={props.type === "date" ? "text" : (props.type ?? "text")}
      dir="auto"
      value={value}
      placeholder={props.placeholder ?? ""}
      description={props.help || null}
      error={trouble || null}
      readOnly={busy}
      autoFocus
      onChange={(event) => setValue(event.currentTarget.value)}
      onKeyDown={onKey}
      onBlur={() => !busy && !trouble && settle(value)}
    />
  );
}

/**
 * Saves once at a time; tells what was wrong, and nothing after the field is gone.
 *
 * `save` is the one of when the field was opened: it knows what was seen then, so that what somebody else wrote
 * meanwhile is told and not written over. Once that was told, the one of that moment is taken.
 */
export function useSaving(
  save: (value: string) => Promise<unknown>,
  done: () => void,
): { trouble: string; busy: boolean; submit: (value: string) => Promise<void> } {
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const there = useRef(true);
  const latest = useRef(save);
  latest.current = save;
  const seen = useRef(save);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  const submit = async (value: string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setTrouble("");
    try {
      await seen.current(value);
      if (there.current) done();
    } catch (error) {
      // What is there now has been asked for, and is on the screen a moment later: from then on it was seen.
      await new Promise((resolve) => setTimeout(resolve, SHOWN_MS));
      seen.current = latest.current;
      if (there.current) setTrouble(fieldWords(error));
    } finally {
      if (there.current) setBusy(false);
    }
  };
  return { trouble, busy, submit };
}

/** What a refusal says at its field: the whole sentence when somebody else was faster, else what is wrong here. */
export function fieldWords(error: unknown): string {
  if (error instanceof ApiError && error.status === 422 && error.fields.length > 0) {
    const words = error.fields[0]?.message ?? error.message;
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  }
  return sentenceOf(error);
}
