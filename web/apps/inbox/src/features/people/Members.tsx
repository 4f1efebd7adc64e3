import { MultiSelect } from "@mantine/core";
import type { ReactNode } from "react";
import type { Team } from "@/api/people";
import { useNames } from "@/data/directory";
import { useMembers } from "./useMembers";

/** Who is in a team. */
export function Members({ team }: { team: Team }): ReactNode {
  const { agents } = useNames();
  const [members, choose] = useMembers(team.team_id);
  return (
    <MultiSelect
      label="Members"
      description="Saved as you choose them."
      searchable
      data={agents.filter((each) => each.active).map((each) => ({ value: each.agent_id, label: each.name }))}
      value={members}
      onChange={choose}
    />
  );
}
