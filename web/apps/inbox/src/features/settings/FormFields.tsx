import { Select, TagsInput, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useRef } from "react";
import type { FieldDefinition } from "@/api/tickets";
import { IconButton, TextButton } from "@/ui/Quiet";
import { FIELD_TYPES } from "./field-types";
import classes from "./forms.module.css";

interface FormFieldsProps {
  fields: readonly FieldDefinition[];
  wrong: (path: string) => string | null;
  change: (fields: FieldDefinition[]) => void;
}

const NEEDED = [
  { value: "no", label: "Optional" },
  { value: "to_submit", label: "Needed to submit" },
  { value: "to_resolve", label: "Needed to resolve" },
];

/** The fields of a form: named, typed, ordered; a field keeps its id when it is renamed, and with it its values. */
export function FormFields({ fields, wrong, change }: FormFieldsProps): ReactNode {
  // Those that are there already keep their type: tickets hold values of it.
  const kept = useRef(new Set(fields.map((field) => field.id)));
  const put = (at: number, part: Partial<FieldDefinition>): void =>
    change(fields.map((each, index) => (index === at ? { ...each, ...part } : each)));
  const move = (at: number, to: number): void => {
    const moved = [...fields];
    moved.splice(to, 0, ...moved.splice(at, 1));
    change(moved);
  };
  const add = (): void => {
    const id = `field-${crypto.randomUUID().slice(0, 8)}`;
    change([...fields, { id, label: "", type: "text", options: [], needed: "no", help: "" }]);
  };
  return (
    <div className={classes.rows}>
      {fields.map((field, index) => (
        <fieldset key={field.id} className={classes.field} aria-label={field.label || `Field ${index + 1}`}>
          <TextInput
            label="Field"
            value={field.label}
            error={wrong(`fields.${index}.label`) ?? wrong(`fields.${index}.id`)}
            onChange={(event) => put(index, { label: event.currentTarget.value })}
          />
          <Select
            label="Holds"
            allowDeselect={false}
            disabled={kept.current.has(field.id)}
            data={FIELD_TYPES}
            value={field.type}
            onChange={(type) => type && put(index, { type: type as FieldDefinition["type"] })}
          />
          <Select
            label="When"
            allowDeselect={false}
            data={NEEDED}
            value={field.needed}
            onChange={(needed) => needed && put(index, { needed: needed as FieldDefinition["needed"] })}
          />
          {field.type === "choice" && (
            <TagsInput
              label="Options"
              className={classes.whole ?? ""}
              splitChars={[]}
              value={field.options}
              error={wrong(`fields.${index}.options`)}
              onChange={(options) => put(index, { options })}
            />
          )}
          <TextInput
            aria-label="Help"
            className={classes.whole ?? ""}
            placeholder="Help beneath the field"
            value={field.help}
            onChange={(event) => put(index, { help: event.currentTarget.value })}
          />
          <div className={classes.tools}>
            <IconButton label="Move up" disabled={index === 0} onClick={() => move(index, index - 1)}>
              <IconArrowUp size={15} />
            </IconButton>
            <IconButton
              label="Move down"
              disabled={index === fields.length - 1}
              onClick={() => move(index, index + 1)}
            >
              <IconArrowDown size={15} />
            </IconButton>
            <IconButton
              label={`Remove ${field.label || "this field"}`}
              onClick={() => change(fields.filter((_, at) => at !== index))}
            >
              <IconTrash size={15} />
            </IconButton>
          </div>
        </fieldset>
      ))}
      <TextButton onClick={add}>
        <IconPlus size={14} /> Add a field
      </TextButton>
    </div>
  );
}
