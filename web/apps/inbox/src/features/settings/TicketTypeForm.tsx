import { ColorInput, MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TicketType } from "@/api/tickets";
import { useNames } from "@/data/directory";
import { putTicketType, type TicketTypeEdit } from "@/data/settings";
import type { SectionProps } from "@/lib/settings";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { RetireButton } from "@/parts/settings/RetireButton";
import { freeId, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import { CustomerWords } from "./CustomerWords";
import { FormFields } from "./FormFields";

interface TicketTypeFormProps {
  /** Undefined: a new one. */
  type: TicketType | undefined;
  types: readonly TicketType[];
  open: SectionProps["open"];
}

const read = (there: TicketType | undefined): TicketTypeEdit => ({
  name: there?.name ?? "",
  kind: there?.kind ?? "back_office",
  color: there?.color ?? "#475569",
  team_id: there?.team_id ?? null,
  fields: there?.fields ?? [],
  one_per: there?.one_per ?? [],
  customer: there?.customer ?? [],
  due_hours: there?.due_hours ?? null,
  active: there?.active ?? true,
});

/** One type of ticket: who works on it, what its form asks, and what the customer is told. */
export function TicketTypeForm({ type, types, open }: TicketTypeFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const editing = useEdit<TicketTypeEdit, TicketType>(type, read);
  const { edit, change, wrong } = editing;
  const needed = edit.fields.filter((field) => field.needed === "to_submit");
  const save = async (seenSeq: number): Promise<void> => {
    const taken = types.map((each) => each.type_id);
    const id = type?.type_id ?? freeId(edit.name, "ticket-type", taken);
    const one_per = edit.one_per.filter((each) => needed.some((field) => field.id === each));
    const customer = edit.customer.filter(({ label, message }) => label.trim() || message.trim());
    const made = await putTicketType(client, id, { ...edit, one_per, customer }, seenSeq);
    toast(type ? `Saved “${made.name}”` : `“${made.name}” tickets can be submitted from now on`);
    open(null);
  };
  return (
    <EditForm
      title={type?.name ?? "New ticket type"}
      back={{ label: "All ticket types", go: () => open(null) }}
      editing={editing}
      save={save}
      submitLabel={type ? "Save" : "Add ticket type"}
      actions={type && <Retire type={type} open={open} />}
    >
      <TextInput
        label="Name"
        value={edit.name}
        error={wrong("name")}
        data-autofocus
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Select
        label="Kind"
        allowDeselect={false}
        disabled={type !== undefined}
        data={[
          { value: "back_office", label: "Back office: something to do for one customer" },
          { value: "tracker", label: "Tracker: one issue that many customers report" },
        ]}
        value={edit.kind}
        onChange={(kind) => kind && change({ kind: kind as TicketTypeEdit["kind"] })}
      />
      <ColorInput
        label="Colour"
        format="hex"
        withEyeDropper={false}
        value={edit.color}
        error={wrong("color")}
        onChange={(color) => change({ color })}
      />
      <Select
        label="Team"
        description="Who new tickets go to"
        placeholder="Nobody in particular"
        clearable
        data={names.teams.map((team) => ({ value: team.team_id, label: team.name }))}
        value={edit.team_id ?? null}
        error={wrong("team_id")}
        onChange={(team_id) => change({ team_id })}
      />
      <NumberInput
        label="Due after"
        suffix=" hours"
        placeholder="No due time"
        min={1}
        max={8760}
        allowDecimal={false}
        value={edit.due_hours ?? ""}
        error={wrong("due_hours")}
        onChange={(hours) => change({ due_hours: typeof hours === "number" ? hours : null })}
      />
      <Fields name="Form" hint="What is asked when a ticket is submitted, in this order.">
        <FormFields fields={edit.fields} wrong={wrong} change={(fields) => change({ fields })} />
        <MultiSelect
          label="Only one ticket per"
          description="With the same values here, the ticket that exists is offered instead. Fields needed to submit."
          placeholder={edit.one_per.length ? "" : "Any number"}
          disabled={needed.length === 0}
          data={needed.map((field) => ({ value: field.id, label: field.label || "Unnamed field" }))}
          value={edit.one_per.filter((id) => needed.some((field) => field.id === id))}
          error={wrong("one_per")}
          onChange={(one_per) => change({ one_per })}
        />
      </Fields>
      <Fields
        name="What the customer is told"
        hint="A message is sent in the linked conversation when a ticket comes into that state. Empty: nothing is sent."
      >
        <CustomerWords words={edit.customer} wrong={wrong} change={(customer) => change({ customer })} />
      </Fields>
    </EditForm>
  );
}

function Retire({ type, open }: { type: TicketType; open: SectionProps["open"] }): ReactNode {
  const client = useQueryClient();
  return (
    <RetireButton
      name={type.name}
      active={type.active}
      seq={type.seq}
      become={(active, seq) => putTicketType(client, type.type_id, { ...read(type), active }, seq)}
      done={() => open(null)}
    >
      <p>
        No new tickets of this type can be submitted. Those that exist keep their form and are worked on as
        before.
      </p>
    </RetireButton>
  );
}
