import { Autocomplete, MultiSelect, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { FieldInfo } from "@/api/conditions";
import type { KnownAction, Taken } from "@/api/rules";
import { useNames } from "@/data/directory";
import { tagsQuery } from "@/data/inboxes";
import { policiesQuery } from "@/data/sla";
import { TAKEN } from "@/lib/rules/actions";
import { LengthInput } from "@/parts/conditions/LengthInput";
import { topicsOf } from "@/parts/conditions/useChoices";
import { AssignFields } from "./AssignFields";
import { AttributeValueInput } from "./AttributeValueInput";
import {
  CallFields,
  EmitFields,
  MacroField,
  NotifyFields,
  TicketFields,
  TrackerField,
} from "./OutwardFields";
import classes from "./rules.module.css";

export interface FieldsProps<A extends KnownAction> {
  action: A;
  /** Fields that values can be taken from. */
  fields: readonly FieldInfo[];
  brandIds: readonly string[];
  wrong: (field: string) => string | null;
  change: (action: KnownAction) => void;
}

export type Of<K extends KnownAction["kind"]> = Extract<KnownAction, { kind: K }>;

/** What an action still needs to know. */
export function ActionFields({ action, ...rest }: FieldsProps<KnownAction>): ReactNode {
  const { wrong, change } = rest;
  switch (action.kind) {
    case "assign":
      return <AssignFields action={action} {...rest} />;
    case "assign_to":
      return <AgentField action={action} {...rest} />;
    case "unassign":
      return (
        <Select
          aria-label="From whom"
          allowDeselect={false}
          data={Object.entries(TAKEN).map(([value, label]) => ({ value, label }))}
          value={action.what}
          error={wrong("what")}
          onChange={(what) => change({ ...action, what: what as Taken })}
        />
      );
    case "follow":
      return <FollowerFields action={action} {...rest} />;
    case "set_priority":
      return (
        <Select
          aria-label="Priority"
          allowDeselect={false}
          data={[
            { value: "true", label: "Priority" },
            { value: "false", label: "No priority" },
          ]}
          value={String(action.priority)}
          onChange={(value) => change({ ...action, priority: value === "true" })}
        />
      );
    case "add_tags":
    case "remove_tags":
      return <TagsFields action={action} {...rest} />;
    case "set_topic":
      return <TopicField action={action} {...rest} />;
    case "set_attribute":
      return <AttributeFields action={action} {...rest} />;
    case "mark_spam":
      return (
        <TextInput
          aria-label="Reason"
          placeholder="Why, for who looks at it later"
          value={action.reason}
          error={wrong("reason")}
          onChange={(event) => change({ ...action, reason: event.currentTarget.value })}
        />
      );
    case "block":
      return (
        <TextInput
          aria-label="Reason"
          placeholder="Why, for who judges it later"
          description="On every brand, until somebody unblocks them."
          value={action.reason}
          error={wrong("reason")}
          onChange={(event) => change({ ...action, reason: event.currentTarget.value })}
        />
      );
    case "add_note":
      return (
        <Textarea
          aria-label="Note"
          placeholder="For colleagues; the customer never sees it"
          autosize
          minRows={2}
          dir="auto"
          value={action.text}
          error={wrong("text")}
          onChange={(event) => change({ ...action, text: event.currentTarget.value })}
        />
      );
    case "snooze":
      return (
        <LengthInput
          label="For how long"
          value={action.for}
          error={wrong("for")}
          change={(length) => change({ ...action, for: length })}
        />
      );
    case "apply_sla":
      return <PolicyField action={action} {...rest} />;
    case "notify":
      return <NotifyFields action={action} {...rest} />;
    case "send_macro":
      return <MacroField action={action} {...rest} />;
    case "create_ticket":
      return <TicketFields action={action} {...rest} />;
    case "link_tracker":
      return <TrackerField action={action} {...rest} />;
    case "emit_event":
      return <EmitFields action={action} {...rest} />;
    case "call_webhook":
      return <CallFields action={action} {...rest} />;
    case "close":
    case "reopen":
      return null;
  }
}

function AgentField({ action, wrong, change }: FieldsProps<Of<"assign_to">>): ReactNode {
  const names = useNames();
  const offered = names.agents.filter((agent) => agent.active && names.answers(agent));
  const chosen = offered.some((agent) => agent.agent_id === action.agent_id)
    ? []
    : names.agents.filter((agent) => agent.agent_id === action.agent_id);
  return (
    <Select
      aria-label="Agent"
      placeholder="Whom"
      searchable
      data={[...offered, ...chosen].map((agent) => ({ value: agent.agent_id, label: agent.name }))}
      value={action.agent_id || null}
      error={wrong("agent_id")}
      onChange={(value) => change({ ...action, agent_id: value ?? "" })}
    />
  );
}

function FollowerFields({ action, wrong, change }: FieldsProps<Of<"follow">>): ReactNode {
  const names = useNames();
  return (
    <MultiSelect
      aria-label="Followers"
      placeholder={action.agent_ids.length ? "" : "Who is told of what happens in it"}
      searchable
      data={names.agents
        .filter(({ active, agent_id }) => active || action.agent_ids.includes(agent_id))
        .map((agent) => ({ value: agent.agent_id, label: agent.name }))}
      value={action.agent_ids}
      error={wrong("agent_ids")}
      onChange={(agent_ids) => change({ ...action, agent_ids })}
    />
  );
}

function TagsFields({ action, wrong, change }: FieldsProps<Of<"add_tags"> | Of<"remove_tags">>): ReactNode {
  const { data: tags } = useQuery(tagsQuery);
  return (
    <TagsInput
      aria-label="Tags"
      placeholder={action.tags.length ? "" : "Enter after each"}
      splitChars={[",", ";"]}
      acceptValueOnBlur
      data={tags?.map(({ tag }) => tag) ?? []}
      value={action.tags}
      error={wrong("tags")}
      onChange={(value) => change({ ...action, tags: value })}
    />
  );
}

function TopicField({ action, brandIds, wrong, change }: FieldsProps<Of<"set_topic">>): ReactNode {
  const { brands } = useNames();
  return (
    <Autocomplete
      aria-label="Topic"
      placeholder="Which topic"
      data={topicsOf(brands, brandIds)}
      value={action.topic}
      error={wrong("topic")}
      onChange={(topic) => change({ ...action, topic })}
    />
  );
}

function AttributeFields({ action, wrong, change }: FieldsProps<Of<"set_attribute">>): ReactNode {
  const names = useNames();
  const offered = names.attributes.filter((each) => each.applies_to === "conversation" && each.active);
  const attribute = names.attribute(action.attribute_id);
  return (
    <div className={classes.pair}>
      <Select
        aria-label="Attribute"
        placeholder="Which attribute"
        searchable
        nothingFoundMessage="Conversations have no attributes yet."
        data={offered.map((each) => ({ value: each.attribute_id, label: each.label }))}
        value={action.attribute_id || null}
        error={wrong("attribute_id")}
        onChange={(value) => change({ ...action, attribute_id: value ?? "", value: null })}
      />
      {attribute && (
        <AttributeValueInput
          attribute={attribute}
          value={action.value}
          error={wrong("value")}
          change={(value) => change({ ...action, value })}
        />
      )}
    </div>
  );
}

function PolicyField({ action, wrong, change }: FieldsProps<Of<"apply_sla">>): ReactNode {
  const { data: policies } = useQuery(policiesQuery);
  return (
    <Select
      aria-label="SLA policy"
      placeholder="Which policy"
      searchable
      nothingFoundMessage="There are no SLA policies yet."
      data={policies?.map((policy) => ({ value: policy.id, label: policy.name })) ?? []}
      value={action.policy_id || null}
      error={wrong("policy_id")}
      onChange={(value) => change({ ...action, policy_id: value ?? "" })}
    />
  );
}
