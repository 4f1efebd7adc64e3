import type { FieldDefinition } from "@/api/tickets";

/** What a field can hold, as people call it. */
export const FIELD_TYPES: { value: FieldDefinition["type"]; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "long_text", label: "Long text" },
  { value: "number", label: "Number" },
  { value: "choice", label: "Choice" },
  { value: "date", label: "Date" },
  { value: "yes_no", label: "Yes or no" },
  { value: "url", label: "Link" },
];

export const typeName = (type: FieldDefinition["type"]): string =>
  FIELD_TYPES.find(({ value }) => value === type)?.label ?? type;
