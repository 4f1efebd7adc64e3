import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Head } from "@/api/types";
import { changeAttribute } from "@/data/commands";
import { useNames } from "@/data/directory";
import { attributesFor, ownValue } from "@/lib/contacts";
import { aboutConversation } from "@/lib/draft-place";
import { AttributeFields } from "@/parts/contact/AttributeFields";
import type { Again } from "@/parts/contact/EditField";
import { UnsavedEdits } from "@/parts/contact/UnsavedEdits";

interface CustomFieldsProps {
  head: Head;
  mayEdit: boolean;
}

/** The desk's own attributes of a conversation. */
export function CustomFields({ head, mayEdit }: CustomFieldsProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const [again, setAgain] = useState<Again | null>(null);
  const valueNow = (id: string) => ownValue(head.attributes, id);
  return (
    <>
      <UnsavedEdits
        abouts={[aboutConversation(head.id)]}
        seenNow={({ edited: { attribute } }) =>
          attribute ? { seen: { [attribute]: valueNow(attribute) } } : null
        }
        edit={setAgain}
      />
      <AttributeFields
        attributes={attributesFor(names.attributes, "conversation", [head.brand_id])}
        values={head.attributes}
        mayEdit={mayEdit}
        again={again}
        save={(value, of) => changeAttribute(client, head.id, of, value, valueNow(of.attribute))}
      />
    </>
  );
}
