import { Button, MultiSelect, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Policy, PolicyEdit } from "@/api/sla";
import { useMay, useNames } from "@/data/directory";
import { POLICIES, usePublishes, useWho } from "@/data/governed";
import { askEarlier, calendarsQuery, policySchemaQuery, previewQuery, savePolicy } from "@/data/sla";
import { type Branch, groupOf, treeOf } from "@/lib/rules/tree";
import type { SectionProps } from "@/lib/settings";
import { KIND_NAMES } from "@/lib/sla";
import { momentLabel } from "@/lib/time";
import { Conditions } from "@/parts/conditions/Conditions";
import { DraftNote } from "@/parts/governed/DraftNote";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { useEdit } from "@/parts/settings/useEdit";
import { useNow } from "@/ui/Ago";
import { toast } from "@/ui/toast";
import { Goal } from "./Goal";
import { readPolicy } from "./read-policy";
import classes from "./sla.module.css";

type Edited = Omit<PolicyEdit, "if" | "ticket_if"> & { if: Branch | null; ticket_if: Branch | null };

const read = (there: Policy | undefined): Edited => {
  const policy = readPolicy(there);
  return { ...policy, if: treeOf(policy.if), ticket_if: treeOf(policy.ticket_if) };
};

const sentOf = (edit: Edited): PolicyEdit => ({
  ...edit,
  if: groupOf(edit.if),
  ticket_if: groupOf(edit.ticket_if),
});

const GOALS = [
  { key: "first_response_s", kind: "first_response" },
  { key: "next_response_s", kind: "next_response" },
  { key: "close_s", kind: "close" },
] as const;
const OF_TICKETS = { key: "resolution_s", kind: "resolution" } as const;

interface PolicyFormProps {
  /** Undefined: a new one. */
  policy: Policy | undefined;
  policies: readonly Policy[];
  open: SectionProps["open"];
}

/** One policy: which conversations and tickets, by when, and what stops its clock. */
export function PolicyForm({ policy, policies, open }: PolicyFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const { data: calendars } = useQuery(calendarsQuery);
  const { data: asking } = useQuery(policySchemaQuery);
  const editing = useEdit<Edited, Policy>(policy, read, sentOf);
  const { edit, change, wrong } = editing;
  const mayWrite = useMay("rules.write");
  const publishes = usePublishes(POLICIES);
  const save =
    (publish: boolean) =>
    async (version: number): Promise<void> => {
      const made = await savePolicy(client, policy?.id ?? null, sentOf(edit), version, publish);
      toast(
        publish
          ? `“${edit.name}” is in force. What has begun goes on as it was.`
          : `Saved “${edit.name}” as a draft`,
      );
      if (publish) open(null);
      else open(made.id, "versions");
    };
  const pauses = (what: PolicyEdit["pauses"][number], on: boolean): void =>
    change({ pauses: on ? [...edit.pauses, what] : edit.pauses.filter((each) => each !== what) });
  return (
    <EditForm
      title={policy?.name ?? "New policy"}
      back={{ label: "All policies", go: () => open(null) }}
      editing={editing}
      save={save(publishes)}
      draft={publishes ? save(false) : null}
      submitLabel={publishes ? "Publish" : "Save draft"}
      actions={policy && mayWrite && <Acts policy={policy} policies={policies} open={open} />}
    >
      <DraftNote kind={POLICIES} one={policy} />
      <TextInput
        label="Name"
        data-autofocus
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Fields name="For">
        <MultiSelect
          label="Brands"
          placeholder={edit.brand_ids.length ? "" : "All brands"}
          data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
          value={edit.brand_ids}
          error={wrong("brand_ids")}
          onChange={(brand_ids) => change({ brand_ids })}
        />
        {asking && (
          <Conditions
            tree={edit.if}
            asking={asking}
            brandIds={edit.brand_ids}
            wrong={wrong}
            change={(tree) => change({ if: tree })}
            always={
              GOALS.some(({ key }) => edit[key] !== null)
                ? "Every conversation of these brands."
                : "No conversation: it has no target for them."
            }
          />
        )}
      </Fields>
      <Fields name="Targets">
        {GOALS.map(({ key, kind }) => (
          <Goal
            key={key}
            label={KIND_NAMES[kind]}
            seconds={edit[key]}
            error={wrong(key)}
            change={(seconds) => change({ [key]: seconds })}
          />
        ))}
      </Fields>
      <Fields name="Tickets">
        <Goal
          label={KIND_NAMES.resolution}
          seconds={edit.resolution_s}
          error={wrong("resolution_s")}
          change={(seconds) =>
            change({ resolution_s: seconds, ticket_if: seconds === null ? null : edit.ticket_if })
          }
        />
        {asking && edit.resolution_s !== null && (
          <Conditions
            tree={edit.ticket_if}
            asking={{ fields: asking.ticket_fields, operators: asking.operators }}
            brandIds={edit.brand_ids}
            wrong={wrong}
            change={(tree) => change({ ticket_if: tree })}
            always="Every ticket of these brands."
            place="ticket_if"
          />
        )}
      </Fields>
      <Fields name="Counting">
        <Select
          label="Counted by"
          allowDeselect={false}
          data={[
            { value: "", label: "All time, day and night" },
            ...(calendars ?? []).map((each) => ({ value: each.id, label: `Working hours: ${each.name}` })),
          ]}
          value={edit.calendar_id ?? ""}
          error={wrong("calendar_id")}
          onChange={(value) => change({ calendar_id: value || null })}
        />
        <NumberInput
          label="Warn when this much is left"
          suffix=" %"
          min={1}
          max={90}
          value={edit.warn_percent}
          error={wrong("warn_percent")}
          onChange={(value) => change({ warn_percent: Number(value) || 20 })}
        />
        <Previewed edit={edit} />
      </Fields>
      <Fields name="The clock stands still">
        <Switch
          label="While the conversation is snoozed"
          checked={edit.pauses.includes("snoozed")}
          onChange={(event) => pauses("snoozed", event.currentTarget.checked)}
        />
        <Switch
          label="For closing and for tickets: while we wait for the customer"
          checked={edit.pauses.includes("waiting_on_customer")}
          onChange={(event) => pauses("waiting_on_customer", event.currentTarget.checked)}
        />
      </Fields>
      <Switch
        label="In use"
        checked={edit.enabled}
        onChange={(event) => change({ enabled: event.currentTarget.checked })}
      />
    </EditForm>
  );
}

/** "Began now, due when?" */
function Previewed({ edit }: { edit: Edited }): ReactNode {
  const now = useNow();
  const asked = [...GOALS, OF_TICKETS].filter(({ key }) => (edit[key] ?? 0) >= 60);
  const goals = asked.map(({ key }) => edit[key] ?? 0);
  const { data } = useQuery(
    previewQuery({ goals, warn_percent: edit.warn_percent, calendar_id: edit.calendar_id }),
  );
  if (!data || data.goals.length !== asked.length) return null;
  return (
    <ul className={classes.preview} aria-label="What begins now">
      <li>What begins now{data.open ? "" : ", outside working hours"}:</li>
      {asked.map(({ kind }, index) => {
        const goal = data.goals[index];
        if (!goal) return null;
        return (
          <li key={kind}>
            {KIND_NAMES[kind]}: due <b>{momentLabel(goal.due_at, now)}</b>, warning{" "}
            {momentLabel(goal.warn_at, now)}
          </li>
        );
      })}
    </ul>
  );
}

function Acts({ policy, policies, open }: PolicyFormProps & { policy: Policy }): ReactNode {
  const client = useQueryClient();
  const { mayPublish } = useWho(POLICIES);
  const isFirst = policies[0]?.id === policy.id;
  const move = (): void => {
    askEarlier(client, policy.id)
      .then(() => toast("It is asked earlier"))
      .catch((error: Error) => toast(error.message, undefined, "error"));
  };
  return (
    <>
      <Button variant="subtle" onClick={() => open(policy.id, "versions")}>
        Versions
      </Button>
      {!isFirst && mayPublish && (
        <Button variant="default" onClick={move}>
          Ask earlier
        </Button>
      )}
    </>
  );
}
