import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Head } from "@/api/types";
import { changeAttributes } from "@/data/contacts";
import { useNames } from "@/data/directory";
import { attributesFor, ownValue } from "@/lib/contacts";
import { AttributeFields } from "@/parts/contact/AttributeFields";

/** The desk's own attributes of a conversation. */
export function CustomFields({ head, mayEdit }: { head: Head; mayEdit: boolean }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  return (
    <AttributeFields
      key={head.id}
      attributes={attributesFor(names.attributes, "conversation", [head.brand_id])}
      values={head.attributes}
      mayEdit={mayEdit}
      save={({ attribute_id: id }, value) =>
        changeAttributes(client, head.id, { [id]: value }, { [id]: ownValue(head.attributes, id) })
      }
    />
  );
}
