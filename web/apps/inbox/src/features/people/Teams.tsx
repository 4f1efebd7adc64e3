import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { Team } from "@/api/people";
import { directoryQuery, useNames } from "@/data/directory";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import { TeamForm } from "./TeamForm";

/** The teams that work is given to. */
export default function Teams({ item, open }: SectionProps): ReactNode {
  const { teams, agents } = useNames();
  const { isPending, error } = useQuery(directoryQuery);
  const chosen = teams.find((each) => each.team_id === item);
  if (item === "new" || chosen) {
    return <TeamForm key={item} team={chosen} teams={teams} done={() => open(null)} />;
  }
  const members = (team: Team): string => {
    const count = agents.filter((each) => each.active && each.team_ids.includes(team.team_id)).length;
    return count === 1 ? "1 member" : `${count} members`;
  };
  const about = (team: Team): string =>
    [
      team.hours ? `Hours of ${team.hours.time_zone}` : "Always open",
      ...(team.languages.length ? [team.languages.join(", ")] : []),
      ...team.skills,
    ].join(" · ");
  return (
    <Section
      title="Teams"
      hint="Who works together: members, hours, languages and skills."
      actions={<Button onClick={() => open("new")}>New team</Button>}
    >
      {item && !isPending && <p role="alert">There is no such team.</p>}
      {error && <p role="alert">{sentenceOf(error)}</p>}
      {teams.length > 0 && (
        <Lines label="Teams">
          {teams.map((team) => (
            <Line
              key={team.team_id}
              name={team.name}
              about={about(team)}
              end={members(team)}
              open={() => open(team.team_id)}
            />
          ))}
        </Lines>
      )}
      {!isPending && teams.length === 0 && (
        <p>There are no teams yet. Make one, then name it in its agents.</p>
      )}
    </Section>
  );
}
