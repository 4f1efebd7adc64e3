import {
  Autocomplete,
  MultiSelect,
  NumberInput,
  Select,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import type { ReactNode } from "react";
import type { ConditionValue, FieldInfo, OperatorInfo } from "@/api/conditions";
import { localMoment, momentOf } from "@/lib/rules/moments";
import { LengthInput } from "./LengthInput";
import { useChoices } from "./useChoices";

interface ValueInputProps {
  field: FieldInfo;
  operator: OperatorInfo;
  value: ConditionValue;
  brandIds: readonly string[];
  /** All the fields, for "What changed". */
  watched: readonly FieldInfo[];
  error: string | null;
  change: (value: ConditionValue) => void;
}

const LABEL = "With what";

/** What a field is compared with, as its type and the operator want it. */
export function ValueInput({
  field,
  operator,
  value,
  brandIds,
  watched,
  error,
  change,
}: ValueInputProps): ReactNode {
  const choices = useChoices(field, brandIds, watched);
  const text = typeof value === "string" ? value : "";
  const common = { "aria-label": LABEL, error };
  switch (operator.takes) {
    case "none":
      return null;
    case "duration":
      return <LengthInput label={LABEL} value={text} error={error} change={change} />;
    case "pattern":
      return (
        <Textarea
          {...common}
          autosize
          minRows={1}
          maxRows={4}
          spellCheck={false}
          placeholder="refund|money back"
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
    case "many":
      return <ManyInput field={field} value={value} choices={choices} error={error} change={change} />;
    default:
      break;
  }
  if (field.type === "flag") {
    return (
      <Select
        {...common}
        allowDeselect={false}
        data={[
          { value: "true", label: "yes" },
          { value: "false", label: "no" },
        ]}
        value={String(value)}
        onChange={(chosen) => change(chosen === "true")}
      />
    );
  }
  if (choices?.only) {
    return (
      <Select
        {...common}
        searchable
        data={choices.items}
        value={text || null}
        onChange={(v) => change(v ?? "")}
      />
    );
  }
  if (field.type === "number") {
    const count = typeof value === "number" ? value : "";
    return (
      <NumberInput
        {...common}
        value={count}
        onChange={(typed) => change(typeof typed === "number" ? typed : null)}
      />
    );
  }
  if (field.type === "time") {
    return (
      <TextInput
        {...common}
        type="datetime-local"
        value={localMoment(text)}
        onChange={(event) => change(momentOf(event.currentTarget.value))}
      />
    );
  }
  if (choices)
    return (
      <Autocomplete
        {...common}
        data={choices.items.map(({ value }) => value)}
        value={text}
        onChange={change}
      />
    );
  return (
    <TextInput {...common} dir="auto" value={text} onChange={(event) => change(event.currentTarget.value)} />
  );
}

interface ManyInputProps {
  field: FieldInfo;
  value: ConditionValue;
  choices: ReturnType<typeof useChoices>;
  error: string | null;
  change: (value: ConditionValue) => void;
}

/** Several values as chips. Numbers are what can be read as such. */
function ManyInput({ field, value, choices, error, change }: ManyInputProps): ReactNode {
  const chosen = Array.isArray(value) ? value.map(String) : [];
  if (choices?.only) {
    return (
      <MultiSelect
        aria-label={LABEL}
        searchable
        data={choices.items}
        value={chosen}
        error={error}
        onChange={change}
      />
    );
  }
  const put = (texts: string[]): void =>
    change(field.type === "number" ? texts.map(Number).filter(Number.isFinite) : texts);
  return (
    <TagsInput
      aria-label={LABEL}
      placeholder={chosen.length ? "" : "Enter after each"}
      splitChars={[]}
      acceptValueOnBlur
      data={choices?.items.map((each) => each.value) ?? []}
      value={chosen}
      error={error}
      onChange={put}
    />
  );
}
