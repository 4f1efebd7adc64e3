import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { BulkAction } from "@/api/lists";
import { useMe, useNames } from "@/data/directory";

/** To an agent or a team; the other of the two stays as it is on each conversation. */
export default function AssignTo({ act }: { act: (action: BulkAction) => void }): ReactNode {
  const names = useNames();
  const me = useMe()?.agent.agent_id ?? "";
  const people = names.agents
    .filter((each) => each.active && names.answers(each) && each.agent_id !== me)
    .map((each) => ({ value: `agent:${each.agent_id}`, label: each.name }));
  const choose = (value: string | null): void => {
    if (!value) return;
    const [kind, id = ""] = value.split(/:(.*)/s);
    if (kind === "team") act({ kind: "assign", team_id: id || null });
    else act({ kind: "assign", assignee_id: id || null });
  };
  return (
    <Select
      data-autofocus
      aria-label="Assign to"
      placeholder="Assign to…"
      searchable
      nothingFoundMessage="Nobody is called that."
      comboboxProps={{ withinPortal: false }}
      onChange={choose}
      data={[
        {
          group: "People",
          items: [{ value: `agent:${me}`, label: "Me" }, { value: "agent:", label: "Nobody" }, ...people],
        },
        {
          group: "Teams",
          items: names.teams.map((each) => ({ value: `team:${each.team_id}`, label: each.name })),
        },
      ]}
    />
  );
}
