import { NumberInput, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { FieldDefinition, FieldValue } from "@/api/tickets";
import type { Fields } from "@/data/tickets";
import classes from "./tickets.module.css";

interface TicketFieldsProps {
  definitions: readonly FieldDefinition[];
  values: Fields;
  /** What is wrong with each field, by its id. */
  wrong: Record<string, string>;
  onChange: (values: Fields) => void;
  /** Whether the ticket is about to be resolved: then more is needed. */
  resolving?: boolean;
  disabled?: boolean;
}

/** The form of a ticket type, each field as its type asks. */
export function TicketFields(props: TicketFieldsProps): ReactNode {
  const { definitions, values, onChange } = props;
  return (
    <div className={classes.form}>
      {definitions.map((definition) => (
        <One
          key={definition.id}
          definition={definition}
          value={values[definition.id] ?? null}
          error={props.wrong[definition.id]}
          needed={isNeeded(definition, props.resolving ?? false)}
          disabled={props.disabled ?? false}
          set={(value) => onChange({ ...values, [definition.id]: value })}
        />
      ))}
    </div>
  );
}

export const isNeeded = (definition: FieldDefinition, resolving: boolean): boolean =>
  definition.needed === "to_submit" || (resolving && definition.needed === "to_resolve");

interface OneProps {
  definition: FieldDefinition;
  value: FieldValue | null;
  error: string | undefined;
  needed: boolean;
  disabled: boolean;
  set: (value: FieldValue | null) => void;
}

function One({ definition, value, error, needed, disabled, set }: OneProps): ReactNode {
  const common = {
    label: definition.label,
    withAsterisk: needed,
    description: definition.help || null,
    error: error ?? null,
    disabled,
    size: "xs",
    classNames: { error: classes.error ?? "", description: classes.help ?? "" },
  } as const;
  const text = typeof value === "string" ? value : "";
  switch (definition.type) {
    case "choice":
      return (
        <Select
          {...common}
          data={definition.options}
          value={text || null}
          onChange={set}
          clearable={!needed}
          searchable={definition.options.length > 7}
          placeholder="Choose"
        />
      );
    case "yes_no":
      return (
        <div>
          {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is named by it below */}
          <label>
            {definition.label}
            {needed && " *"}
          </label>
          <SegmentedControl
            aria-label={definition.label}
            disabled={disabled}
            data={[
              { value: "", label: "Not known" },
              { value: "yes", label: "Yes" },
              { value: "no", label: "No" },
            ]}
            value={value === null ? "" : value === true ? "yes" : "no"}
            onChange={(chosen) => set(chosen === "" ? null : chosen === "yes")}
            display="flex"
          />
          {error && <p role="alert">{error}</p>}
        </div>
      );
    case "number":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => set(next === "" ? null : Number(next))}
          hideControls
        />
      );
    case "long_text":
      return (
        <Textarea
          {...common}
          value={text}
          onChange={(event) => set(event.currentTarget.value)}
          autosize
          minRows={2}
          maxRows={8}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          type={definition.type === "date" ? "date" : "text"}
          inputMode={definition.type === "url" ? "url" : "text"}
          value={text}
          onChange={(event) => set(event.currentTarget.value)}
        />
      );
  }
}

/** From an answer's `errors` to what each field shows: "body.fields.order" is the field "order". */
export function wrongFields(errors: readonly { path: string; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of errors) {
    const id = path.startsWith("body.fields.") ? path.slice("body.fields.".length) : null;
    if (id) found[id] = message;
  }
  return found;
}
