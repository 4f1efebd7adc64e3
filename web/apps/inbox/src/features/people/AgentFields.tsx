import { MultiSelect, NumberInput, Select, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Agent, Capacities } from "@/api/people";
import { useNames } from "@/data/directory";
import { Fields } from "@/parts/settings/EditForm";
import type { Editing } from "@/parts/settings/useEdit";
import { Abilities } from "./Abilities";
import classes from "./people.module.css";

const LIMITS: readonly [keyof Capacities, string][] = [
  ["email", "Emails"],
  ["chat", "Chats"],
  ["phone", "Calls"],
  ["custom", "Custom channels"],
];

export interface AgentEdit {
  name: string;
  email: string;
  role_id: string;
  team_ids: string[];
  brand_ids: string[];
  capacity: number;
  capacities: Capacities;
  languages: string[];
  skills: string[];
}

export const agentEdit = (agent: Agent | undefined): AgentEdit => ({
  name: agent?.name ?? "",
  email: agent?.email ?? "",
  role_id: agent?.role_id ?? "",
  team_ids: agent?.team_ids ?? [],
  brand_ids: agent?.brand_ids ?? [],
  capacity: agent?.capacity ?? 20,
  capacities: agent?.capacities ?? {},
  languages: agent?.languages ?? [],
  skills: agent?.skills ?? [],
});

/** Who somebody is and which part of the desk is theirs. */
export function AgentFields({ editing }: { editing: Editing<AgentEdit, Agent> }): ReactNode {
  const { roles, teams, brands } = useNames();
  const { edit, change, wrong } = editing;
  return (
    <>
      <TextInput
        label="Name"
        description="As colleagues and customers read it."
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Email"
        type="email"
        value={edit.email}
        error={wrong("email")}
        onChange={(event) => change({ email: event.currentTarget.value })}
      />
      <Fields name="What they work on">
        <Select
          label="Role"
          description="What they may do, on which channels."
          data={roles.map((each) => ({ value: each.role_id, label: each.name }))}
          value={edit.role_id || null}
          error={wrong("role_id")}
          allowDeselect={false}
          placeholder="Choose a role"
          onChange={(role_id) => change({ role_id: role_id ?? "" })}
        />
        <MultiSelect
          label="Teams"
          data={teams.map((each) => ({ value: each.team_id, label: each.name }))}
          value={edit.team_ids}
          error={wrong("team_ids")}
          placeholder={edit.team_ids.length ? "" : "None"}
          onChange={(team_ids) => change({ team_ids })}
        />
        <MultiSelect
          label="Brands"
          data={brands.map((each) => ({ value: each.brand_id, label: each.name }))}
          value={edit.brand_ids}
          error={wrong("brand_ids")}
          placeholder={edit.brand_ids.length ? "" : "All brands"}
          onChange={(brand_ids) => change({ brand_ids })}
        />
        <NumberInput
          label="Open conversations at once"
          description="How many may be assigned to them automatically."
          min={0}
          max={1000}
          allowDecimal={false}
          value={edit.capacity}
          error={wrong("capacity")}
          onChange={(value) => change({ capacity: Number(value) || 0 })}
        />
      </Fields>
      <Fields name="Most at once, by channel">
        <div className={classes.limits}>
          {LIMITS.map(([channel, label]) => (
            <NumberInput
              key={channel}
              label={label}
              placeholder="No limit"
              min={0}
              max={1000}
              allowDecimal={false}
              value={edit.capacities[channel] ?? ""}
              error={wrong(`capacities.${channel}`)}
              onChange={(typed) =>
                change({ capacities: { ...edit.capacities, [channel]: typed === "" ? null : Number(typed) } })
              }
            />
          ))}
        </div>
      </Fields>
      <Fields name="What they can do, besides what their teams can">
        <Abilities edit={edit} change={change} wrong={wrong} />
      </Fields>
    </>
  );
}
