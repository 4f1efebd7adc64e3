import { MultiSelect, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Attribute } from "@/api/contacts";
import { useNames } from "@/data/directory";
import { type AttributeEdit, putAttribute } from "@/data/settings";
import type { SectionProps } from "@/lib/settings";
import { EditForm } from "@/parts/settings/EditForm";
import { RetireButton } from "@/parts/settings/RetireButton";
import { freeId, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import { FIELD_TYPES } from "./field-types";

interface AttributeFormProps {
  /** Undefined: a new one. */
  attribute: Attribute | undefined;
  attributes: readonly Attribute[];
  open: SectionProps["open"];
}

const read = (there: Attribute | undefined): AttributeEdit => ({
  applies_to: there?.applies_to ?? "contact",
  label: there?.label ?? "",
  type: there?.type ?? "text",
  options: there?.options ?? [],
  help: there?.help ?? "",
  required: there?.required ?? false,
  brand_ids: there?.brand_ids ?? [],
  active: there?.active ?? true,
});

/** One attribute. What it is of and what it holds stay once it is there: values exist already. */
export function AttributeForm({ attribute, attributes, open }: AttributeFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const editing = useEdit<AttributeEdit, Attribute>(attribute, read);
  const { edit, change, wrong } = editing;
  const save = async (seenSeq: number): Promise<void> => {
    const taken = attributes.map((each) => each.attribute_id);
    const id = attribute?.attribute_id ?? freeId(edit.label, "attribute", taken);
    const options = edit.type === "choice" ? edit.options : [];
    const made = await putAttribute(client, id, { ...edit, options }, seenSeq);
    toast(attribute ? `Saved “${made.label}”` : `Agents can fill in “${made.label}” from now on`);
    open(null);
  };
  return (
    <EditForm
      title={attribute?.label ?? "New attribute"}
      back={{ label: "All attributes", go: () => open(null) }}
      editing={editing}
      save={save}
      submitLabel={attribute ? "Save" : "Add attribute"}
      actions={attribute && <Retire attribute={attribute} open={open} />}
    >
      <TextInput
        label="Name"
        value={edit.label}
        error={wrong("label")}
        data-autofocus
        onChange={(event) => change({ label: event.currentTarget.value })}
      />
      <Select
        label="Of"
        allowDeselect={false}
        disabled={attribute !== undefined}
        data={[
          { value: "contact", label: "Contacts" },
          { value: "conversation", label: "Conversations" },
        ]}
        value={edit.applies_to}
        error={wrong("applies_to")}
        onChange={(value) => value && change({ applies_to: value as AttributeEdit["applies_to"] })}
      />
      <Select
        label="Holds"
        description={attribute ? "Stays as it is; to change it, retire this one and add another." : undefined}
        allowDeselect={false}
        disabled={attribute !== undefined}
        data={FIELD_TYPES}
        value={edit.type}
        error={wrong("type")}
        onChange={(value) => value && change({ type: value as AttributeEdit["type"] })}
      />
      {edit.type === "choice" && (
        <TagsInput
          label="Options"
          description="Enter after each. An option taken away stays where it was chosen."
          splitChars={[]}
          value={edit.options}
          error={wrong("options")}
          onChange={(options) => change({ options })}
        />
      )}
      <TextInput
        label="Help"
        placeholder="What to write here, for the agent"
        value={edit.help}
        error={wrong("help")}
        onChange={(event) => change({ help: event.currentTarget.value })}
      />
      <MultiSelect
        label="Brands"
        placeholder={edit.brand_ids.length ? "" : "All brands"}
        data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
        value={edit.brand_ids}
        error={wrong("brand_ids")}
        onChange={(brand_ids) => change({ brand_ids })}
      />
      <Switch
        label="Required: it can be changed, but not emptied"
        checked={edit.required}
        onChange={(event) => change({ required: event.currentTarget.checked })}
      />
    </EditForm>
  );
}

function Retire({ attribute, open }: { attribute: Attribute; open: SectionProps["open"] }): ReactNode {
  const client = useQueryClient();
  return (
    <RetireButton
      name={attribute.label}
      active={attribute.active}
      seq={attribute.seq}
      become={(active, seq) =>
        putAttribute(client, attribute.attribute_id, { ...read(attribute), active }, seq)
      }
      done={() => open(null)}
    >
      <p>
        Agents no longer see it on {attribute.applies_to === "contact" ? "contacts" : "conversations"}. What
        was filled in is kept, and there again if you bring it back.
      </p>
    </RetireButton>
  );
}
