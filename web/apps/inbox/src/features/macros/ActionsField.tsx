import { Button, Menu, Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { MacroAction, MacroActionKind } from "@/api/macros";
import { type Names, useNames } from "@/data/directory";
import { Fields } from "@/parts/settings/EditForm";
import type { Wrong } from "@/parts/settings/useEdit";
import { IconButton } from "@/ui/Quiet";
import classes from "./macros.module.css";

const KINDS: Record<MacroActionKind, string> = {
  tag: "Add a tag",
  untag: "Remove a tag",
  topic: "Set the topic",
  priority: "Mark as priority",
  team: "Assign to a team",
  agent: "Assign to somebody",
  snooze: "Snooze for hours",
  close: "Close",
};

function optionsOf(kind: MacroActionKind, names: Names): { value: string; label: string }[] | null {
  switch (kind) {
    case "topic":
      return [...new Set(names.brands.flatMap((brand) => brand.topics))].map((topic) => ({
        value: topic,
        label: topic,
      }));
    case "team":
      return names.teams.map((team) => ({ value: team.team_id, label: team.name }));
    case "agent":
      return [
        { value: "me", label: "Whoever sends it" },
        ...names.agents
          .filter((agent) => agent.active)
          .map((agent) => ({ value: agent.agent_id, label: agent.name })),
      ];
    default:
      return null;
  }
}

interface ActionsFieldProps {
  actions: MacroAction[];
  wrong: Wrong;
  onChange: (actions: MacroAction[]) => void;
}

/** What happens with the sending. */
export function ActionsField({ actions, wrong, onChange }: ActionsFieldProps): ReactNode {
  const names = useNames();
  const refused = wrong("actions", true);
  const change = (n: number, value: string): void =>
    onChange(actions.map((action, at) => (at === n ? { ...action, value } : action)));
  return (
    <Fields name="When it is sent">
      {actions.map((action, n) => {
        const options = optionsOf(action.kind, names);
        const bare = action.kind === "close" || action.kind === "priority";
        const label = KINDS[action.kind];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be the same, and their order is what they are
          <div key={n} className={classes.action}>
            <span>{label}</span>
            {!bare &&
              (options ? (
                <Select
                  aria-label={label}
                  searchable
                  data={options}
                  value={action.value || null}
                  error={wrong(`actions.${n}`)}
                  onChange={(value) => change(n, value ?? "")}
                />
              ) : (
                <TextInput
                  aria-label={label}
                  value={action.value}
                  error={wrong(`actions.${n}`)}
                  inputMode={action.kind === "snooze" ? "numeric" : "text"}
                  onChange={(event) => change(n, event.currentTarget.value)}
                />
              ))}
            <IconButton
              label={`Don’t: ${label}`}
              onClick={() => onChange(actions.filter((_, at) => at !== n))}
            >
              <IconX size={14} />
            </IconButton>
          </div>
        );
      })}
      {refused && <p className={classes.wrong}>{refused}</p>}
      <div>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="compact-sm" leftSection={<IconPlus size={13} />}>
              Add an action
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {Object.entries(KINDS).map(([kind, name]) => (
              <Menu.Item
                key={kind}
                onClick={() => onChange([...actions, { kind: kind as MacroActionKind, value: "" }])}
              >
                {name}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </Fields>
  );
}
