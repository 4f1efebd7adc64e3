import { MultiSelect, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Rollout } from "@/api/governed";
import { useNames } from "@/data/directory";
import classes from "./governed.module.css";

export const EVERYBODY: Rollout = { percentage: 100, team_ids: [], brand_ids: [] };
const A_START: Rollout = { percentage: 10, team_ids: [], brand_ids: [] };

interface WhenFieldProps {
  /** Local, as the browser's field has it; empty: not said yet. Null: now. */
  at: string | null;
  error: string | null;
  change: (at: string | null) => void;
}

export function WhenField({ at, error, change }: WhenFieldProps): ReactNode {
  return (
    <div className={classes.choice}>
      <SegmentedControl
        aria-label="When"
        data={["Now", "At a time"]}
        value={at === null ? "Now" : "At a time"}
        onChange={(value) => change(value === "Now" ? null : "")}
      />
      {at !== null && (
        <TextInput
          type="datetime-local"
          aria-label="At what time"
          value={at}
          error={error}
          onChange={(event) => change(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

interface RolloutFieldsProps {
  /** Null: everybody. */
  rollout: Rollout | null;
  wrong: (field: string) => string | null;
  change: (rollout: Rollout | null) => void;
}

/** For everybody, or for a share of the conversations, of some teams and brands. */
export function RolloutFields({ rollout, wrong, change }: RolloutFieldsProps): ReactNode {
  const names = useNames();
  return (
    <>
      <SegmentedControl
        aria-label="For whom"
        data={["Everybody", "A part"]}
        value={rollout ? "A part" : "Everybody"}
        onChange={(value) => change(value === "Everybody" ? null : A_START)}
      />
      {rollout && (
        <div className={classes.choice}>
          <NumberInput
            label="Of a hundred conversations"
            description="Always the same ones; more of them when it grows."
            min={1}
            max={100}
            allowDecimal={false}
            suffix=" %"
            value={rollout.percentage}
            error={wrong("percentage")}
            onChange={(value) => change({ ...rollout, percentage: Number(value) || 1 })}
          />
          <MultiSelect
            label="Of the teams"
            placeholder={rollout.team_ids.length ? "" : "All teams"}
            data={names.teams.map((team) => ({ value: team.team_id, label: team.name }))}
            value={rollout.team_ids}
            error={wrong("team_ids")}
            onChange={(team_ids) => change({ ...rollout, team_ids })}
          />
          <MultiSelect
            label="At the brands"
            placeholder={rollout.brand_ids.length ? "" : "All brands"}
            data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
            value={rollout.brand_ids}
            error={wrong("brand_ids")}
            onChange={(brand_ids) => change({ ...rollout, brand_ids })}
          />
        </div>
      )}
    </>
  );
}
