import { NumberInput, Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Scalar } from "@/api/conditions";
import type { Attribute } from "@/api/contacts";

interface AttributeValueInputProps {
  attribute: Pick<Attribute, "type" | "options">;
  /** Null: the attribute is emptied. */
  value: Scalar | null;
  error: string | null;
  change: (value: Scalar | null) => void;
}

const EMPTY = "Leave it empty";

/** What an attribute is set to, as its type asks; nothing: it is emptied. */
export function AttributeValueInput({
  attribute,
  value,
  error,
  change,
}: AttributeValueInputProps): ReactNode {
  const common = { "aria-label": "Set to", placeholder: EMPTY, error };
  switch (attribute.type) {
    case "yes_no":
      return (
        <Select
          {...common}
          clearable
          data={[
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ]}
          value={value === null ? null : String(value)}
          onChange={(chosen) => change(chosen === null ? null : chosen === "true")}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          clearable
          data={attribute.options}
          value={value === null ? null : String(value)}
          onChange={change}
        />
      );
    case "number":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" ? value : ""}
          onChange={(typed) => change(typeof typed === "number" ? typed : null)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          type={attribute.type === "date" ? "date" : "text"}
          dir="auto"
          value={value === null ? "" : String(value)}
          onChange={(event) => change(event.currentTarget.value || null)}
        />
      );
  }
}
