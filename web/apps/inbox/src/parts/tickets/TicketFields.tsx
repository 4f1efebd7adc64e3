import { Input, NumberInput, SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, Suspense } from "react";
import type { FieldDefinition, FieldValue } from "@/api/tickets";
import type { Fields } from "@/data/tickets";
import { lazy } from "@/lib/lazy";
import classes from "./tickets.module.css";

const DayField = lazy(() => import("./DayField"));

interface TicketFieldsProps {
  definitions: readonly FieldDefinition[];
  values: Fields;
  /** What is wrong with each field, by its id. */
  wrong: Record<string, string>;
  onChange: (values: Fields) => void;
  /** Whether the ticket is about to be resolved: then more is needed. */
  resolving?: boolean;
  disabled?: boolean;
  /** The field in which one begins. */
  first?: string | undefined;
}

/** What needs the whole width: words that are read, and addresses. */
const WIDE: ReadonlySet<FieldDefinition["type"]> = new Set(["long_text", "url"]);

/** The form of a ticket type, each field as its type asks; short ones beside each other where there is room. */
export function TicketFields(props: TicketFieldsProps): ReactNode {
  const { definitions, values, onChange } = props;
  return (
    <div className={classes.fields}>
      {definitions.map((definition) => (
        <div key={definition.id} data-wide={WIDE.has(definition.type) || undefined}>
          <One
            definition={definition}
            value={values[definition.id] ?? null}
            error={props.wrong[definition.id]}
            needed={isNeeded(definition, props.resolving ?? false)}
            disabled={props.disabled ?? false}
            first={definition.id === props.first}
            set={(value) => onChange({ ...values, [definition.id]: value })}
          />
        </div>
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
  first: boolean;
  set: (value: FieldValue | null) => void;
}

function One({ definition, value, error, needed, disabled, first, set }: OneProps): ReactNode {
  const named = {
    label: definition.label,
    withAsterisk: needed,
    description: definition.help || null,
    error: error ?? null,
    // Below what is filled in, so that fields beside each other stand on one line.
    inputWrapperOrder: ["label", "input", "description", "error"] as (
      | "label"
      | "input"
      | "description"
      | "error"
    )[],
    size: "xs" as const,
  };
  const common = { ...named, disabled, "data-autofocus": first || undefined };
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
        <Input.Wrapper {...named} labelElement="div">
          <SegmentedControl
            aria-label={definition.label}
            disabled={disabled}
            fullWidth
            data={[
              { value: "", label: "Not known" },
              { value: "yes", label: "Yes" },
              { value: "no", label: "No" },
            ]}
            value={value === null ? "" : value === true ? "yes" : "no"}
            onChange={(chosen) => set(chosen === "" ? null : chosen === "yes")}
          />
        </Input.Wrapper>
      );
    case "date":
      return (
        <Suspense fallback={<TextInput {...common} readOnly value={text} />}>
          <DayField {...common} value={text || null} set={set} />
        </Suspense>
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
          minRows={3}
          maxRows={10}
          dir="auto"
        />
      );
    default:
      return (
        <TextInput
          {...common}
          inputMode={definition.type === "url" ? "url" : "text"}
          dir="auto"
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
