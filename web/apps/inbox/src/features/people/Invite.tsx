import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { SecretLink } from "@/api/account";
import type { Agent } from "@/api/people";
import { invite } from "@/data/people";
import { EditForm } from "@/parts/settings/EditForm";
import { Section } from "@/parts/settings/Section";
import { useEdit } from "@/parts/settings/useEdit";
import { AgentFields, agentEdit } from "./AgentFields";
import { LinkCard } from "./LinkCard";

/** A colleague's account, and the link by which they take it. */
export function Invite({ open }: { open: (item: string | null) => void }): ReactNode {
  const client = useQueryClient();
  const editing = useEdit<ReturnType<typeof agentEdit>, Agent>(undefined, agentEdit);
  const [made, setMade] = useState<(SecretLink & { agent: Agent }) | null>(null);
  const back = { label: "Back to the agents", go: () => open(null) };
  if (made) {
    return (
      <Section
        title={`${made.agent.name} is invited`}
        back={back}
        actions={<Button onClick={() => open(null)}>Done</Button>}
      >
        <LinkCard made={made} agent={made.agent} kind="invitation" />
      </Section>
    );
  }
  return (
    <EditForm
      title="Invite a colleague"
      hint="You get a link for them. It opens once, within seven days, and they choose their own password."
      back={back}
      editing={editing}
      submitLabel="Invite"
      save={async () => setMade(await invite(client, { ...editing.edit }))}
    >
      <AgentFields editing={editing} />
    </EditForm>
  );
}
