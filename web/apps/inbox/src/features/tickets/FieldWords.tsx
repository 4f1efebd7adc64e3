import type { ReactNode } from "react";
import type { FieldDefinition, FieldValue } from "@/api/tickets";
import { dateWords } from "@/lib/time";

interface FieldWordsProps {
  definition: FieldDefinition;
  value: FieldValue;
}

/** A field of a ticket as it is read. */
export function FieldWords({ definition, value }: FieldWordsProps): ReactNode {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (definition.type === "date") return dateWords(String(value));
  if (definition.type === "url" && /^https?:\/\//i.test(String(value))) {
    return (
      <a href={String(value)} target="_blank" rel="noopener noreferrer">
        {String(value)}
      </a>
    );
  }
  return String(value);
}
