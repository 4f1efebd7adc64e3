import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { directoryQuery, useNames } from "@/data/directory";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import { RoleForm } from "./RoleForm";
import { scopeWords } from "./words";

/** What people may do here. */
export default function Roles({ item, open }: SectionProps): ReactNode {
  const { roles, agents } = useNames();
  const { isPending, error } = useQuery(directoryQuery);
  const chosen = roles.find((each) => each.role_id === item);
  if (item === "new" || chosen) {
    return <RoleForm key={item} role={chosen} roles={roles} done={() => open(null)} />;
  }
  const having = (id: string): string => {
    const count = agents.filter((each) => each.active && each.role_id === id).length;
    return count === 1 ? "1 agent" : `${count} agents`;
  };
  return (
    <Section
      title="Roles"
      hint="What people may do, on which channels and teams. For which brands, each agent says."
      actions={<Button onClick={() => open("new")}>New role</Button>}
    >
      {item && !isPending && <p role="alert">There is no such role.</p>}
      {error && <p role="alert">{sentenceOf(error)}</p>}
      {roles.length > 0 && (
        <Lines label="Roles">
          {roles.map((role) => (
            <Line
              key={role.role_id}
              name={role.name}
              about={scopeWords(role)}
              end={having(role.role_id)}
              open={() => open(role.role_id)}
            />
          ))}
        </Lines>
      )}
    </Section>
  );
}
