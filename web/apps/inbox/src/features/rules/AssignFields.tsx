import { Select, Switch, TagsInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Strategy } from "@/api/rules";
import { useNames } from "@/data/directory";
import { NO_OPTIONS, STRATEGIES, withStrategy } from "@/lib/rules/assign";
import { LengthInput } from "@/parts/conditions/LengthInput";
import type { FieldsProps, Of } from "./ActionFields";
import classes from "./rules.module.css";

type AssignProps = FieldsProps<Of<"assign">>;

/** Which team, and which of its members. */
export function AssignFields(props: AssignProps): ReactNode {
  const { action, wrong, change } = props;
  return (
    <div className={classes.stack}>
      <div className={classes.pair}>
        <TeamSelect
          label="Team"
          value={action.team_id}
          error={wrong("team_id")}
          change={(team_id) => change({ ...action, team_id })}
        />
        <Select
          aria-label="To whom in it"
          allowDeselect={false}
          data={Object.entries(STRATEGIES).map(([value, label]) => ({ value, label }))}
          value={action.strategy}
          error={wrong("strategy")}
          onChange={(value) => value && change(withStrategy(action, value as Strategy))}
        />
      </div>
      {action.strategy !== "none" && (
        <>
          <WhoFields {...props} />
          <AnswerFields {...props} />
          <OverflowFields {...props} />
        </>
      )}
    </div>
  );
}

function WhoFields({ action, wrong, change }: AssignProps): ReactNode {
  const { teams, agents } = useNames();
  const { skills, speaks, sticky } = { ...NO_OPTIONS, ...action };
  const known = [...teams, ...agents.filter((each) => each.active)].flatMap((each) => each.skills);
  return (
    <>
      <TagsInput
        aria-label="Skills they need"
        placeholder={skills.length ? "" : "Any skills; Enter after each that they need"}
        splitChars={[",", ";"]}
        acceptValueOnBlur
        data={[...new Set(known)].sort((a, b) => a.localeCompare(b))}
        value={skills}
        error={wrong("skills")}
        onChange={(value) => change({ ...action, skills: value })}
      />
      <Switch
        label="Only somebody who speaks the customer’s language"
        checked={speaks}
        error={wrong("speaks")}
        onChange={(event) => change({ ...action, speaks: event.currentTarget.checked })}
      />
      <Switch
        label="First to who answered the customer last"
        checked={sticky}
        error={wrong("sticky")}
        onChange={(event) => change({ ...action, sticky: event.currentTarget.checked })}
      />
    </>
  );
}

function AnswerFields({ action, wrong, change }: AssignProps): ReactNode {
  const { answer_within: within = null } = action;
  return (
    <>
      <Switch
        label="Offer it to others when it is not answered in time"
        checked={within !== null}
        error={within === null ? wrong("answer_within") : null}
        onChange={(event) =>
          change({ ...action, answer_within: event.currentTarget.checked ? "PT15M" : null })
        }
      />
      {within !== null && (
        <LengthInput
          label="Time to answer"
          value={within}
          error={wrong("answer_within")}
          change={(answer_within) => change({ ...action, answer_within })}
        />
      )}
    </>
  );
}

function OverflowFields({ action, wrong, change }: AssignProps): ReactNode {
  const { overflow = null } = action;
  return (
    <>
      <Switch
        label="Offer it to another team too when it waits long"
        checked={overflow !== null}
        error={overflow === null ? wrong("overflow") : null}
        onChange={(event) =>
          change({
            ...action,
            overflow: event.currentTarget.checked ? { after: "PT15M", team_id: "" } : null,
          })
        }
      />
      {overflow && (
        <div className={classes.pair}>
          <LengthInput
            label="After waiting"
            value={overflow.after}
            error={wrong("overflow.after")}
            change={(after) => change({ ...action, overflow: { ...overflow, after } })}
          />
          <TeamSelect
            label="Other team"
            value={overflow.team_id}
            error={wrong("overflow.team_id")}
            change={(team_id) => change({ ...action, overflow: { ...overflow, team_id } })}
          />
        </div>
      )}
    </>
  );
}

interface TeamSelectProps {
  label: string;
  value: string;
  error: string | null;
  change: (id: string) => void;
}

function TeamSelect({ label, value, error, change }: TeamSelectProps): ReactNode {
  const { teams } = useNames();
  return (
    <Select
      aria-label={label}
      placeholder="Which team"
      searchable
      data={teams.map((team) => ({ value: team.team_id, label: team.name }))}
      value={value || null}
      error={error}
      onChange={(id) => change(id ?? "")}
    />
  );
}
