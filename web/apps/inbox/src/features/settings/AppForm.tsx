import { MultiSelect, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { App } from "@/api/people";
import { useNames } from "@/data/directory";
import { type AppEdit, type AppMade, newAppSecret, putApp } from "@/data/settings";
import type { SectionProps } from "@/lib/settings";
import { ConfirmButton } from "@/parts/settings/ConfirmButton";
import { EditForm } from "@/parts/settings/EditForm";
import { freeId, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import { NewSecret } from "./NewSecret";

interface AppFormProps {
  /** Undefined: a new one. */
  app: App | undefined;
  apps: readonly App[];
  /** Just given, and shown this once. */
  secret: string | null;
  kept: () => void;
  show: (made: AppMade) => void;
  open: SectionProps["open"];
}

const read = (there: App | undefined): AppEdit => ({
  name: there?.name ?? "",
  kind: there?.kind ?? "card",
  url: there?.url ?? "",
  brand_ids: there?.brand_ids ?? [],
  height: there?.height ?? 240,
  active: there?.active ?? true,
});

const KINDS = [
  { value: "card", label: "A card: their server answers with JSON" },
  { value: "frame", label: "A page of theirs, in a frame" },
];

/** One app. Its secret signs what it is told about a conversation, and is shown once. */
export function AppForm({ app, apps, secret, kept, show, open }: AppFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const editing = useEdit<AppEdit, App>(app, read);
  const { edit, change, wrong } = editing;
  const save = async (seenSeq: number): Promise<void> => {
    const taken = apps.map((each) => each.app_id);
    const made = await putApp(client, app?.app_id ?? freeId(edit.name, "app", taken), edit, seenSeq);
    if (made.secret) return show(made);
    toast(`Saved ${made.app.name}`);
    open(null);
  };
  return (
    <EditForm
      title={app?.name ?? "New app"}
      back={{ label: "All apps", go: () => open(null) }}
      editing={editing}
      save={save}
      submitLabel={app ? "Save" : "Add app"}
      actions={
        app && (
          <ConfirmButton
            label="New secret…"
            title={`A new secret for ${app.name}?`}
            confirm="Make a new secret"
            run={async () => show(await newAppSecret(client, app.app_id))}
          >
            <p>What is signed from now on is signed with it. The one before is worth nothing any more.</p>
          </ConfirmButton>
        )
      }
    >
      {secret && <NewSecret secret={secret} about="It signs whom the app is told about." done={kept} />}
      <TextInput
        label="Name"
        placeholder="Orders"
        value={edit.name}
        error={wrong("name")}
        data-autofocus
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Select
        label="Shows"
        allowDeselect={false}
        disabled={app !== undefined}
        data={KINDS}
        value={edit.kind}
        error={wrong("kind")}
        onChange={(value) => value && change({ kind: value as AppEdit["kind"] })}
      />
      <TextInput
        label="Address"
        type="url"
        placeholder="https://example.com/switchboard"
        value={edit.url}
        error={wrong("url")}
        onChange={(event) => change({ url: event.currentTarget.value })}
      />
      {edit.kind === "frame" && (
        <NumberInput
          label="Height in pixels"
          min={80}
          max={2000}
          step={20}
          value={edit.height}
          error={wrong("height")}
          onChange={(height) => typeof height === "number" && change({ height })}
        />
      )}
      <MultiSelect
        label="Brands"
        size="xs"
        placeholder={edit.brand_ids.length ? "" : "All brands"}
        data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
        value={edit.brand_ids}
        error={wrong("brand_ids")}
        onChange={(brand_ids) => change({ brand_ids })}
      />
      <Switch
        label="Shown beside conversations"
        checked={edit.active}
        onChange={(event) => change({ active: event.currentTarget.checked })}
      />
    </EditForm>
  );
}
