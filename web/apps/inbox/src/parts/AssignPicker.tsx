import { Popover } from "@mantine/core";
import { IconCheck, IconUserOff, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import type { Agent, AgentStatus, Team } from "@/api/people";
import type { Head } from "@/api/types";
import { availabilityQuery } from "@/data/availability";
import { useMay, useMe, useNames } from "@/data/directory";
import { useExpectFocus } from "@/lib/useExpectFocus";
import { Avatar } from "@/ui/Avatar";
import classes from "./parts.module.css";

export interface Choice {
  key: string;
  label: string;
  /** For the initials. */
  name: string;
  kind: "nobody" | "agent" | "team";
  teamId: string | null;
  assigneeId: string | null;
  status?: AgentStatus | undefined;
  chosen: boolean;
}

/** Everybody it can be given to that matches the words: me first, then teams, then colleagues. */
export function choicesOf(
  head: Head,
  myId: string,
  teams: readonly Team[],
  agents: readonly Agent[],
  statuses: ReadonlyMap<string, AgentStatus>,
  words: string,
): Choice[] {
  const wanted = words.trim().toLowerCase();
  const team = head.team_id ?? null;
  const people = agents.filter((agent) => agent.active).sort((a, b) => a.name.localeCompare(b.name));
  const mine = people.filter((agent) => agent.agent_id === myId);
  const others = people.filter((agent) => agent.agent_id !== myId);
  const person = (agent: Agent): Choice => ({
    key: agent.agent_id,
    label: agent.agent_id === myId ? `${agent.name} (you)` : agent.name,
    name: agent.name,
    kind: "agent",
    teamId: team,
    assigneeId: agent.agent_id,
    status: statuses.get(agent.agent_id),
    chosen: head.assignee_id === agent.agent_id,
  });
  const choices: Choice[] = [
    ...mine.map(person),
    {
      key: "nobody",
      label: "Nobody",
      name: "",
      kind: "nobody",
      teamId: team,
      assigneeId: null,
      chosen: !head.assignee_id,
    },
    ...teams.map(
      (each): Choice => ({
        key: `team ${each.team_id}`,
        label: each.name,
        name: "",
        kind: "team",
        teamId: each.team_id,
        assigneeId: null,
        chosen: head.team_id === each.team_id && !head.assignee_id,
      }),
    ),
    ...others.map(person),
  ];
  return choices.filter((choice) => choice.label.toLowerCase().includes(wanted));
}

interface AssignPickerProps {
  head: Head;
  opened: boolean;
  setOpened: (opened: boolean) => void;
  assign: (teamId: string | null, assigneeId: string | null) => void;
  children: ReactNode;
}

/** Who should have it: type to find, arrows and Enter to choose. */
export function AssignPicker({ head, opened, setOpened, assign, children }: AssignPickerProps): ReactNode {
  useExpectFocus(opened);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={260} trapFocus returnFocus>
      <Popover.Target>{children}</Popover.Target>
      <Popover.Dropdown p={4} aria-label="Assign to">
        {opened && (
          <Choices
            head={head}
            choose={(choice) => {
              setOpened(false);
              assign(choice.teamId, choice.assigneeId);
            }}
          />
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices({ head, choose }: { head: Head; choose: (choice: Choice) => void }): ReactNode {
  const names = useNames();
  const myId = useMe()?.agent.agent_id ?? "";
  const mayAssignOthers = useMay("conversations.assign_others");
  const { data } = useQuery(availabilityQuery);
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const statuses = new Map(data?.items.map((each) => [each.agent_id, each.status]));
  const colleagues = names.agents.filter((agent) => names.answers(agent));
  const choices = choicesOf(head, myId, names.teams, colleagues, statuses, words);
  const foreign = Boolean(head.assignee_id) && head.assignee_id !== myId && !mayAssignOthers;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      event.preventDefault();
      setAt((choices.length + at + step) % Math.max(1, choices.length));
    }
    const choice = choices[at];
    if (event.key === "Enter" && choice && !foreign) choose(choice);
  };
  return (
    <>
      <input
        className={classes.find}
        placeholder="Assign to…"
        aria-label="Assign to"
        role="combobox"
        aria-expanded
        aria-controls="assign-choices"
        aria-activedescendant={choices[at] ? `assign-${at}` : undefined}
        value={words}
        data-autofocus
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
      />
      {foreign && (
        <p className={classes.no}>
          {names.agentName(head.assignee_id)} has this conversation. Only team leads may hand it on; ask one,
          or leave a note.
        </p>
      )}
      {!foreign && (
        <div
          id="assign-choices"
          role="listbox"
          aria-label="People and teams"
          className={`${classes.choices} sb-scroll`}
        >
          {choices.map((choice, index) => (
            <ChoiceLine
              key={choice.key}
              id={`assign-${index}`}
              choice={choice}
              active={index === at}
              point={() => setAt(index)}
              choose={() => choose(choice)}
            />
          ))}
          {choices.length === 0 && <p className={classes.no}>Nobody is called that.</p>}
        </div>
      )}
    </>
  );
}

interface ChoiceLineProps {
  id: string;
  choice: Choice;
  active: boolean;
  point: () => void;
  choose: () => void;
}

function ChoiceLine({ id, choice, active, point, choose }: ChoiceLineProps): ReactNode {
  return (
    <button
      type="button"
      id={id}
      role="option"
      aria-selected={active}
      tabIndex={-1}
      className={classes.choice}
      data-active={active || undefined}
      onPointerMove={point}
      onClick={choose}
    >
      {choice.kind === "agent" && <Avatar name={choice.name} size={20} accent status={choice.status} />}
      {choice.kind === "team" && <IconUsers size={16} />}
      {choice.kind === "nobody" && <IconUserOff size={16} />}
      <span className="sb-truncate">{choice.label}</span>
      {choice.status === "away" && <small>away</small>}
      {choice.chosen && <IconCheck size={14} className={classes.check} aria-label="Now" />}
    </button>
  );
}
