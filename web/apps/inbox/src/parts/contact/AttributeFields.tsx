import type { ReactNode } from "react";
import type { Attribute, AttributeValue } from "@/api/contacts";
import type { FieldValue } from "@/api/tickets";
import { ownValue, valueWords } from "@/lib/contacts";
import type { EditedField } from "@/lib/waiting";
import { type Again, EditField } from "./EditField";

interface AttributeFieldsProps {
  attributes: readonly Attribute[];
  values: readonly AttributeValue[];
  mayEdit: boolean;
  save: (value: FieldValue | null, of: EditedAttribute) => Promise<unknown>;
  /** What is to be typed again, and in which attribute's field. */
  again: Again | null;
}

export type EditedAttribute = EditedField & { attribute: string };

const YES_NO = [
  { value: "yes", label: "Yes" },
  { value: "no", label: "No" },
];

/** The desk's own attributes, each edited as its type asks. */
export function AttributeFields({
  attributes,
  values,
  mayEdit,
  save,
  again,
}: AttributeFieldsProps): ReactNode {
  return attributes.map((attribute) => {
    const value = ownValue(values, attribute.attribute_id);
    const options =
      attribute.type === "yes_no"
        ? YES_NO
        : attribute.type === "choice"
          ? attribute.options.map((each) => ({ value: each, label: each }))
          : undefined;
    return (
      <EditField
        key={attribute.attribute_id}
        label={attribute.label}
        shown={value === null ? "" : <bdi>{valueWords(value, attribute.type)}</bdi>}
        value={textOf(value)}
        mayEdit={mayEdit}
        help={attribute.help}
        clearable={!attribute.required}
        {...(options && { options })}
        type={attribute.type === "date" ? "date" : attribute.type === "url" ? "url" : "text"}
        again={again?.attribute === attribute.attribute_id ? again : null}
        save={(text) =>
          save(valueFrom(attribute, text), {
            field: attribute.label,
            attribute: attribute.attribute_id,
            words: text,
            typed: !options,
          })
        }
      />
    );
  });
}

function textOf(value: FieldValue | null): string {
  if (value === null) return "";
  return value === true ? "yes" : value === false ? "no" : String(value);
}

/** What was typed, as the attribute's type; a number that is none goes as it is, and is refused with words. */
function valueFrom(attribute: Attribute, text: string): FieldValue | null {
  if (text === "") return null;
  if (attribute.type === "yes_no") return text === "yes";
  if (attribute.type === "number" && Number.isFinite(Number(text))) return Number(text);
  return text;
}
