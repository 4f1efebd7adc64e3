import { MultiSelect, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Team } from "@/api/people";
import { putTeam } from "@/data/people";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { freeId, useEdit } from "@/parts/settings/useEdit";
import { toast } from "@/ui/toast";
import { Abilities } from "./Abilities";
import { Hours, type TeamHours } from "./Hours";
import { Members } from "./Members";
import { CHANNELS } from "./words";

interface TeamEdit {
  name: string;
  channels: string[];
  hours: TeamHours | null;
  languages: string[];
  skills: string[];
}

const read = (team: Team | undefined): TeamEdit => ({
  name: team?.name ?? "",
  channels: team?.channels ?? [],
  hours: team?.hours ?? null,
  languages: team?.languages ?? [],
  skills: team?.skills ?? [],
});

interface TeamFormProps {
  /** Undefined: a new one. */
  team: Team | undefined;
  teams: Team[];
  done: () => void;
}

/** One team, and who is in it. */
export function TeamForm({ team, teams, done }: TeamFormProps): ReactNode {
  const client = useQueryClient();
  const editing = useEdit(team, read);
  const { edit, change, wrong } = editing;
  const save = async (seen_seq: number): Promise<void> => {
    const ids = teams.map((each) => each.team_id);
    await putTeam(client, team?.team_id ?? freeId(edit.name, "team", ids), { ...edit, seen_seq });
    toast(`Saved “${edit.name}”`);
    done();
  };
  return (
    <EditForm
      title={team?.name ?? "New team"}
      back={{ label: "Back to the teams", go: done }}
      editing={editing}
      save={save}
    >
      <TextInput
        label="Name"
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <MultiSelect
        label="Channels"
        description="What its work comes by; for the names in the sidebar alone."
        data={CHANNELS}
        value={edit.channels}
        error={wrong("channels")}
        onChange={(channels) => change({ channels })}
      />
      {team && <Members team={team} />}
      <Fields name="What it can do">
        <Abilities edit={edit} change={change} wrong={wrong} />
      </Fields>
      <Hours hours={edit.hours} wrong={wrong} onChange={(hours) => change({ hours })} />
    </EditForm>
  );
}
