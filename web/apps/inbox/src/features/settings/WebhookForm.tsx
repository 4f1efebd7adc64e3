import { MultiSelect, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Endpoint, EndpointSecret } from "@/api/settings";
import { useNames } from "@/data/directory";
import {
  changeWebhook,
  createWebhook,
  type EndpointEdit,
  refreshWebhooks,
  webhookTypesQuery,
} from "@/data/webhooks";
import type { SectionProps } from "@/lib/settings";
import { EditForm } from "@/parts/settings/EditForm";
import { type Editing, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";

/** `useEdit` counts versions; an endpoint's is the time of its last change. */
type Seen = Endpoint & { seq: number };

const seen = (endpoint: Endpoint): Seen => ({ ...endpoint, seq: Date.parse(endpoint.updated_at) });

const read = (there: Endpoint | undefined): EndpointEdit => ({
  name: there?.name ?? "",
  url: there?.url ?? "",
  event_types: there?.event_types ?? [],
  brand_ids: there?.brand_ids ?? [],
});

interface NewWebhookProps {
  made: (endpoint: EndpointSecret) => void;
  open: SectionProps["open"];
}

export function NewWebhook({ made, open }: NewWebhookProps): ReactNode {
  const client = useQueryClient();
  const editing = useEdit<EndpointEdit, Seen>(undefined, read);
  const save = async (): Promise<void> => {
    const endpoint = await createWebhook(editing.edit);
    await refreshWebhooks(client);
    made(endpoint);
  };
  return (
    <EditForm
      title="New webhook"
      back={{ label: "All webhooks", go: () => open(null) }}
      editing={editing}
      save={save}
      submitLabel="Add webhook"
    >
      <EndpointFields editing={editing} />
    </EditForm>
  );
}

export function ChangeWebhook({ endpoint, done }: { endpoint: Endpoint; done: () => void }): ReactNode {
  const client = useQueryClient();
  const editing = useEdit<EndpointEdit, Seen>(seen(endpoint), read);
  const save = async (seenSeq: number): Promise<void> => {
    const theirs = editing.theirs?.updated_at;
    const stamp = theirs && Date.parse(theirs) === seenSeq ? theirs : new Date(seenSeq).toISOString();
    await changeWebhook(endpoint.id, editing.edit, stamp);
    await refreshWebhooks(client);
    toast(`Saved ${editing.edit.name}`);
    done();
  };
  return (
    <EditForm
      title={`Change ${endpoint.name}`}
      back={{ label: endpoint.name, go: done }}
      editing={editing}
      save={save}
    >
      <EndpointFields editing={editing} />
    </EditForm>
  );
}

function EndpointFields({ editing }: { editing: Editing<EndpointEdit, Seen> }): ReactNode {
  const names = useNames();
  const { data: types } = useQuery(webhookTypesQuery);
  const { edit, change, wrong } = editing;
  return (
    <>
      <TextInput
        label="Name"
        placeholder="Order system"
        value={edit.name}
        error={wrong("name")}
        data-autofocus
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Address"
        type="url"
        placeholder="https://example.com/hooks/switchboard"
        value={edit.url}
        error={wrong("url")}
        onChange={(event) => change({ url: event.currentTarget.value })}
      />
      <MultiSelect
        label="Events"
        placeholder={edit.event_types.length ? "" : "None by itself; rules may call it"}
        searchable
        clearable
        data={(types?.items ?? []).map((type) => ({ value: type, label: eventName(type) }))}
        value={edit.event_types}
        error={wrong("event_types")}
        onChange={(event_types) => change({ event_types })}
      />
      <MultiSelect
        label="Brands"
        placeholder={edit.brand_ids.length ? "" : "All brands"}
        data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
        value={edit.brand_ids}
        error={wrong("brand_ids")}
        onChange={(brand_ids) => change({ brand_ids })}
      />
    </>
  );
}

/** "switchboard.tickets.CustomerReplied.v1" → "Customer replied". */
export function eventName(type: string): string {
  const bare = type.split(".").at(-2) ?? type;
  const words = bare.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
