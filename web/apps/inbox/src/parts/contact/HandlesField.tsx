import { Menu } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { showHandle } from "@/lib/person";
import { Field } from "@/parts/Field";
import classes from "./contact.module.css";
import { type Again, EditField, Editor, useAgain } from "./EditField";

interface HandlesFieldProps {
  kind: "email" | "phone";
  values: readonly string[];
  mayEdit: boolean;
  /** `words`: what was typed; null: `said` is what was done otherwise. */
  save: (values: string[], words: string | null, said?: string) => Promise<unknown>;
  /** What is to be typed again. */
  again?: Again | null;
  /** Something that was done without a field to say it at went wrong. */
  refused: (error: unknown) => void;
}

const WORDS = {
  email: { first: "Email", other: "Secondary", add: "Add email", type: "email" },
  phone: { first: "Phone", other: "Other phone", add: "Add phone", type: "tel" },
} as const;

/** Addresses or numbers, the primary one first; each is edited where it stands. */
export function HandlesField({
  kind,
  values,
  mayEdit,
  save,
  refused,
  again = null,
}: HandlesFieldProps): ReactNode {
  const words = WORDS[kind];
  const [adding, setAdding] = useState(false);
  // Where there is none yet, the field of the first one opens.
  const [begins, closed] = useAgain(again, () => setAdding(values.length > 0));
  const replace = (index: number, value: string): Promise<unknown> =>
    save(values.map((each, at) => (at === index ? value : each)).filter(Boolean), value);
  // A second one would be made of what the first is about to change.
  const [busy, setBusy] = useState(false);
  const act = (next: string[], said: string): void => {
    setBusy(true);
    save(next, null, said)
      .catch(refused)
      .finally(() => setBusy(false));
  };
  if (values.length === 0) {
    return (
      <EditField
        label={words.first}
        shown=""
        value=""
        mayEdit={mayEdit}
        type={words.type}
        again={again}
        save={(value) => save(value ? [value] : [], value)}
      />
    );
  }
  return (
    <>
      {values.map((value, index) => (
        <div key={value} className={classes.handle}>
          <EditField
            label={index === 0 ? words.first : words.other}
            shown={<bdi title={value}>{kind === "phone" ? showHandle(value) : value}</bdi>}
            value={value}
            mayEdit={mayEdit}
            type={words.type}
            save={(next) => replace(index, next)}
          />
          {mayEdit && (
            <HandleMenu
              value={value}
              primary={index === 0}
              busy={busy}
              makePrimary={() =>
                act([value, ...values.filter((each) => each !== value)], `${value} is the primary one`)
              }
              remove={() =>
                act(
                  values.filter((each) => each !== value),
                  `without ${value}`,
                )
              }
            />
          )}
        </div>
      ))}
      {mayEdit && adding && (
        <Field label={words.other}>
          <Editor
            label={words.other}
            value=""
            begins={begins}
            type={words.type}
            save={(value) => save([...values, value].filter(Boolean), value)}
            done={() => {
              closed();
              setAdding(false);
            }}
          />
        </Field>
      )}
      {mayEdit && !adding && (
        <button type="button" className={classes.add} disabled={busy} onClick={() => setAdding(true)}>
          <IconPlus size={13} /> {words.add}
        </button>
      )}
    </>
  );
}

interface HandleMenuProps {
  value: string;
  primary: boolean;
  busy: boolean;
  makePrimary: () => void;
  remove: () => void;
}

function HandleMenu({ value, primary, busy, makePrimary, remove }: HandleMenuProps): ReactNode {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className={classes.more} aria-label={`More for ${value}`}>
          <IconDots size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {!primary && (
          <Menu.Item disabled={busy} onClick={makePrimary}>
            Make primary
          </Menu.Item>
        )}
        <Menu.Item onClick={() => void navigator.clipboard?.writeText(value)}>Copy</Menu.Item>
        <Menu.Item color="red" disabled={busy} onClick={remove}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
