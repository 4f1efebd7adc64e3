import { ColorInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Brand } from "@/api/people";
import { type BrandEdit, putBrand } from "@/data/settings";
import { showHandle } from "@/lib/person";
import type { SectionProps } from "@/lib/settings";
import { zoneChoices } from "@/lib/zones";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { RetireButton } from "@/parts/settings/RetireButton";
import { freeId, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import { AddressList } from "./AddressList";
import { SpamFields } from "./SpamFields";

const COLORS = [
  "#c2410c",
  "#ca8a04",
  "#15803d",
  "#0f766e",
  "#1d4ed8",
  "#7e22ce",
  "#be185d",
  "#b91c1c",
  "#475569",
];

interface BrandFormProps {
  /** Undefined: a new one. */
  brand: Brand | undefined;
  brands: readonly Brand[];
  open: SectionProps["open"];
}

const read = (brand: Brand | undefined): BrandEdit => ({
  name: brand?.name ?? "",
  color: brand?.color ?? "#1d4ed8",
  time_zone: brand?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  addresses: brand?.addresses ?? [{ address: "", name: "" }],
  lines: brand?.lines ?? [],
  topics: brand?.topics ?? [],
  site: brand?.site ?? "",
  messenger: brand?.messenger ?? {
    greeting: "Hello! How can we help?",
    answers_in: "We usually answer within minutes",
  },
  spam: brand?.spam ?? { enabled: true, threshold: 0.9, allowed: [], blocked: [] },
  active: brand?.active ?? true,
});

/** "+1 (310) 555-0100" → "+13105550100". */
const plainLine = (line: string): string => line.replace(/[\s().-]/g, "");

/** One brand: how it looks, where it is reached, what its conversations are about. */
export function BrandForm({ brand, brands, open }: BrandFormProps): ReactNode {
  const client = useQueryClient();
  const editing = useEdit<BrandEdit, Brand>(brand, read);
  const { edit, change, wrong } = editing;
  const save = async (seenSeq: number): Promise<void> => {
    const taken = brands.map((each) => each.brand_id);
    const addresses = edit.addresses.filter(({ address }) => address.trim() !== "");
    const id = brand?.brand_id ?? freeId(edit.name, "brand", taken);
    const made = await putBrand(client, id, { ...edit, addresses }, seenSeq);
    toast(brand ? `Saved ${made.name}` : `${made.name} is there: mail to its addresses arrives from now on`);
    open(null);
  };
  return (
    <EditForm
      title={brand?.name ?? "New brand"}
      back={{ label: "All brands", go: () => open(null) }}
      editing={editing}
      save={save}
      submitLabel={brand ? "Save" : "Add brand"}
      actions={brand && <Retire brand={brand} open={open} />}
    >
      <TextInput
        label="Name"
        value={edit.name}
        error={wrong("name")}
        data-autofocus
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <ColorInput
        label="Colour"
        format="hex"
        swatches={COLORS}
        withEyeDropper={false}
        value={edit.color}
        error={wrong("color")}
        onChange={(color) => change({ color })}
      />
      <Select
        label="Time zone"
        description="For “tomorrow at 9:00” and the like"
        searchable
        allowDeselect={false}
        data={zoneChoices(edit.time_zone)}
        value={edit.time_zone}
        error={wrong("time_zone")}
        nothingFoundMessage="There is no such time zone."
        onChange={(zone) => zone && change({ time_zone: zone })}
      />
      <TextInput
        label="Website"
        placeholder="https://www.example.com"
        value={edit.site}
        error={wrong("site")}
        onChange={(event) => change({ site: event.currentTarget.value })}
      />
      <Fields name="Mailboxes" hint="Mail to these becomes conversations. The first one answers.">
        <AddressList addresses={edit.addresses} wrong={wrong} change={(addresses) => change({ addresses })} />
      </Fields>
      <Fields name="Phone and topics">
        <TagsInput
          label="Phone lines"
          description="With the country code, as in +1 310 555 0100"
          value={edit.lines.map(showHandle)}
          error={wrong("lines")}
          onChange={(lines) => change({ lines: lines.map(plainLine) })}
        />
        <TagsInput
          label="Topics"
          description="What a conversation of this brand can be about"
          splitChars={[]}
          value={edit.topics}
          error={wrong("topics")}
          onChange={(topics) => change({ topics })}
        />
      </Fields>
      <Fields name="Messenger">
        <Textarea
          label="Greeting"
          autosize
          value={edit.messenger.greeting}
          error={wrong("messenger.greeting")}
          onChange={(event) =>
            change({ messenger: { ...edit.messenger, greeting: event.currentTarget.value } })
          }
        />
        <TextInput
          label="How fast you answer"
          value={edit.messenger.answers_in}
          error={wrong("messenger.answers_in")}
          onChange={(event) =>
            change({ messenger: { ...edit.messenger, answers_in: event.currentTarget.value } })
          }
        />
      </Fields>
      <SpamFields spam={edit.spam} wrong={wrong} change={(spam) => change({ spam })} />
    </EditForm>
  );
}

function Retire({ brand, open }: { brand: Brand; open: SectionProps["open"] }): ReactNode {
  const client = useQueryClient();
  return (
    <RetireButton
      name={brand.name}
      active={brand.active}
      seq={brand.seq}
      become={(active, seq) => putBrand(client, brand.brand_id, { ...read(brand), active }, seq)}
      done={() => open(null)}
    >
      <p>
        {brand.addresses.length > 0 && (
          <>Mail to {brand.addresses.map(({ address }) => address).join(", ")} is refused. </>
        )}
        {brand.lines.length > 0 && (
          <>Calls on {brand.lines.map(showHandle).join(", ")} become nobody’s conversation. </>
        )}
        Its messenger stops, and nothing new is begun in its name.
      </p>
      <p>Its conversations, contacts and tickets stay, and open conversations can still be answered.</p>
    </RetireButton>
  );
}
