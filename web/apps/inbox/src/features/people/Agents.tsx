import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Agent } from "@/api/people";
import { directoryQuery, useNames } from "@/data/directory";
import { accountsQuery } from "@/data/people";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import { Avatar } from "@/ui/Avatar";
import { AgentForm } from "./AgentForm";
import { Invite } from "./Invite";
import classes from "./people.module.css";
import { standingWords } from "./words";

/** Who works here: with us, invited, and gone. */
export default function Agents({ item, open }: SectionProps): ReactNode {
  const { agents, roles, teams } = useNames();
  const { isPending, error } = useQuery(directoryQuery);
  const accounts = useQuery(accountsQuery).data;
  const [wanted, setWanted] = useState("");
  if (item === "new") return <Invite open={open} />;
  const chosen = agents.find((each) => each.agent_id === item);
  if (item && chosen) {
    return <AgentForm key={item} agent={chosen} account={accounts?.get(item)} done={() => open(null)} />;
  }
  const words = wanted.trim().toLowerCase();
  const found = agents
    .filter((each) => `${each.name} ${each.email}`.toLowerCase().includes(words))
    .sort((a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name));
  const about = (agent: Agent): string => {
    const role = roles.find((each) => each.role_id === agent.role_id)?.name ?? "No role";
    const own = teams.filter((each) => agent.team_ids.includes(each.team_id)).map(({ name }) => name);
    return [agent.email, role, ...own].join(" · ");
  };
  return (
    <Section
      title="Agents"
      hint="Everybody who works here. Who leaves is deactivated, never deleted: what they did keeps their name."
      actions={<Button onClick={() => open("new")}>Invite</Button>}
    >
      <TextInput
        aria-label="Find an agent"
        placeholder="Name or email"
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
      />
      {item && !isPending && <p role="alert">There is no such agent.</p>}
      {error && <p role="alert">{sentenceOf(error)}</p>}
      {!isPending && (
        <p className={classes.note}>
          {words
            ? `${found.length} of ${agents.length}`
            : `${agents.filter((each) => each.active).length} with us, ${agents.length} in all`}
        </p>
      )}
      {found.length > 0 && (
        <Lines label="Agents">
          {found.map((agent) => (
            <Line
              key={agent.agent_id}
              name={agent.name}
              about={about(agent)}
              mark={<Avatar name={agent.name} size={28} />}
              end={standingWords(agent, accounts?.get(agent.agent_id))}
              quiet={!agent.active}
              open={() => open(agent.agent_id)}
            />
          ))}
        </Lines>
      )}
      {!isPending && found.length === 0 && <p className={classes.note}>Nobody is called that.</p>}
    </Section>
  );
}
