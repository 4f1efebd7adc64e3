import { MultiSelect, Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { NotifyWhom } from "@/api/rules";
import { useNames } from "@/data/directory";
import { macrosQuery } from "@/data/macros";
import { ruleWebhooksQuery } from "@/data/rules";
import { ticketQuery, trackersQuery } from "@/data/tickets";
import { WHOM } from "@/lib/rules/actions";
import { OFF_WEBHOOK, UNKNOWN_WEBHOOK, webhookChoices } from "@/lib/rules/webhooks";
import type { FieldsProps, Of } from "./ActionFields";
import { Fills } from "./Fills";
import classes from "./rules.module.css";

const TYPING_MS = 200;

/** Actions that reach beyond the conversation: colleagues, the customer, tickets, other systems. */
export function NotifyFields({ action, wrong, change }: FieldsProps<Of<"notify">>): ReactNode {
  const names = useNames();
  return (
    <div className={classes.stack}>
      <Textarea
        aria-label="What they are told"
        placeholder="What they are told"
        autosize
        minRows={1}
        dir="auto"
        value={action.text}
        error={wrong("text")}
        onChange={(event) => change({ ...action, text: event.currentTarget.value })}
      />
      <MultiSelect
        aria-label="Whom"
        placeholder={action.to.length ? "" : "Nobody by their part in it"}
        data={Object.entries(WHOM).map(([value, label]) => ({ value, label }))}
        value={action.to}
        error={wrong("to")}
        onChange={(to) => change({ ...action, to: to as NotifyWhom[] })}
      />
      <div className={classes.pair}>
        <MultiSelect
          aria-label="Agents besides"
          placeholder={action.agent_ids.length ? "" : "Agents besides"}
          searchable
          data={names.agents
            .filter(({ active, agent_id }) => active || action.agent_ids.includes(agent_id))
            .map((agent) => ({ value: agent.agent_id, label: agent.name }))}
          value={action.agent_ids}
          error={wrong("agent_ids")}
          onChange={(agent_ids) => change({ ...action, agent_ids })}
        />
        <MultiSelect
          aria-label="Teams besides"
          placeholder={action.team_ids.length ? "" : "Teams besides"}
          data={names.teams.map((team) => ({ value: team.team_id, label: team.name }))}
          value={action.team_ids}
          error={wrong("team_ids")}
          onChange={(team_ids) => change({ ...action, team_ids })}
        />
      </div>
    </div>
  );
}

export function MacroField({ action, wrong, change }: FieldsProps<Of<"send_macro">>): ReactNode {
  const { data } = useQuery(macrosQuery);
  const offered = data?.items.filter(({ macro }) => !macro.personal && macro.active) ?? [];
  return (
    <Select
      aria-label="Macro"
      placeholder="Which macro"
      description="At most one automatic reply an hour to a sender, and none to automatic mail. A rule about time leaves out what was so before it came into force."
      searchable
      nothingFoundMessage="There is no such macro that everybody uses."
      data={offered.map(({ macro }) => ({ value: macro.macro_id, label: macro.name }))}
      value={action.macro_id || null}
      error={wrong("macro_id")}
      onChange={(value) => change({ ...action, macro_id: value ?? "" })}
    />
  );
}

export function TicketFields({ action, fields, wrong, change }: FieldsProps<Of<"create_ticket">>): ReactNode {
  const names = useNames();
  const offered = names.ticketTypes.filter(({ active, kind }) => active && kind === "back_office");
  const type = names.ticketType(action.type_id);
  return (
    <div className={classes.stack}>
      <div className={classes.pair}>
        <Select
          aria-label="Ticket type"
          placeholder="Which type"
          data={offered.map((each) => ({ value: each.type_id, label: each.name }))}
          value={action.type_id || null}
          error={wrong("type_id")}
          onChange={(value) => change({ ...action, type_id: value ?? "", fields: [] })}
        />
        <TextInput
          aria-label="Title"
          placeholder="Title: as usual for its type"
          dir="auto"
          value={action.title}
          error={wrong("title")}
          onChange={(event) => change({ ...action, title: event.currentTarget.value })}
        />
      </div>
      {type && (
        <Fills
          fills={action.fields}
          definitions={type.fields}
          fields={fields}
          wrong={(place) => wrong(place ? `fields.${place}` : "fields")}
          change={(next) => change({ ...action, fields: next })}
        />
      )}
    </div>
  );
}

export function TrackerField({ action, wrong, change }: FieldsProps<Of<"link_tracker">>): ReactNode {
  const [text, setText] = useState("");
  const [sought] = useDebouncedValue(text, TYPING_MS);
  const { data: found } = useQuery(trackersQuery(sought));
  const { data: chosen } = useQuery({ ...ticketQuery(action.tracker_id), enabled: action.tracker_id !== "" });
  const offered = new Map((found ?? []).map(({ id, title }) => [id, title]));
  if (chosen) offered.set(chosen.id, chosen.title);
  return (
    <Select
      aria-label="Tracker"
      placeholder="Which tracker"
      searchable
      nothingFoundMessage="There is no such tracker."
      filter={({ options }) => options}
      onSearchChange={setText}
      data={[...offered].map(([value, label]) => ({ value, label }))}
      value={action.tracker_id || null}
      error={wrong("tracker_id")}
      onChange={(value) => change({ ...action, tracker_id: value ?? "" })}
    />
  );
}

export function CallFields(props: FieldsProps<Of<"call_webhook">>): ReactNode {
  const { action, brandIds, wrong, change } = props;
  const { data: webhooks, error } = useQuery(ruleWebhooksQuery);
  const chosen = webhooks?.find(({ id }) => id === action.endpoint_id);
  const unknown = webhooks && action.endpoint_id && !chosen ? UNKNOWN_WEBHOOK : null;
  const unread = error && !webhooks ? sentenceOf(error) : null;
  return (
    <div className={classes.stack}>
      <Select
        aria-label="Webhook"
        placeholder="Which webhook"
        description={chosen?.state === "disabled" ? OFF_WEBHOOK : undefined}
        searchable
        nothingFoundMessage="There is no such webhook for the brands of this rule."
        data={webhookChoices(webhooks, brandIds, action.endpoint_id)}
        value={action.endpoint_id || null}
        error={wrong("endpoint_id") ?? unread ?? unknown}
        onChange={(value) => change({ ...action, endpoint_id: value ?? "" })}
      />
      <EmitFields {...props} />
    </div>
  );
}

type Emits = Of<"emit_event"> | Of<"call_webhook">;

export function EmitFields({ action, fields, wrong, change }: FieldsProps<Emits>): ReactNode {
  return (
    <div className={classes.stack}>
      <TextInput
        aria-label="Name of the event"
        placeholder="order.late"
        spellCheck={false}
        value={action.name}
        error={wrong("name")}
        onChange={(event) => change({ ...action, name: event.currentTarget.value })}
      />
      <Fills
        fills={action.attributes}
        definitions={null}
        fields={fields}
        wrong={(place) => wrong(place ? `attributes.${place}` : "attributes")}
        change={(attributes) => change({ ...action, attributes })}
      />
    </div>
  );
}
