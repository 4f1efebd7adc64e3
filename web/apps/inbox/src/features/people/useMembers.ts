import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { Directory } from "@/api/people";
import { useNames } from "@/data/directory";
import { keys } from "@/data/keys";
import { putAgent } from "@/data/people";
import { toast } from "@/ui/toast";
import { agentEdit } from "./AgentFields";

interface Wish {
  isIn: boolean;
}

/** Who is in a team. Shown at once, and kept one agent after the other: each is written over what the one before made. */
export function useMembers(teamId: string): [string[], (chosen: string[]) => void] {
  const client = useQueryClient();
  const agents = useNames().agents.filter((each) => each.active);
  const [wishes, setWishes] = useState<Record<string, Wish>>({});
  const before = useRef(Promise.resolve());
  const members = agents
    .filter((each) => wishes[each.agent_id]?.isIn ?? each.team_ids.includes(teamId))
    .map((each) => each.agent_id);

  const keep = async (id: string, wish: Wish): Promise<void> => {
    const agent = client.getQueryData<Directory>(keys.directory)?.agents.find((each) => each.agent_id === id);
    if (!agent) return;
    const others = agent.team_ids.filter((each) => each !== teamId);
    const team_ids = wish.isIn ? [...others, teamId] : others;
    try {
      await putAgent(client, id, { ...agentEdit(agent), team_ids, seen_seq: agent.seq });
    } catch {
      toast(`${agent.name} was changed by somebody else meanwhile. Try again.`, undefined, "error");
    }
    setWishes(({ [id]: last, ...rest }) => (last && last !== wish ? { ...rest, [id]: last } : rest));
  };
  const choose = (chosen: string[]): void => {
    for (const { agent_id: id } of agents) {
      const wish = { isIn: chosen.includes(id) };
      if (wish.isIn === members.includes(id)) continue;
      setWishes((now) => ({ ...now, [id]: wish }));
      before.current = before.current.then(() => keep(id, wish));
    }
  };
  return [members, choose];
}
