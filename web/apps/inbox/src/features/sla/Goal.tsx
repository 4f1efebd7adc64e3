import { NumberInput, Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import classes from "./sla.module.css";

const UNITS = [
  { value: "60", label: "minutes" },
  { value: "3600", label: "hours" },
  { value: "86400", label: "days of 24 h" },
];

interface GoalProps {
  label: string;
  seconds: number | null;
  error: string | null;
  change: (seconds: number | null) => void;
}

/** A target as a number and its unit; empty: there is none. */
export function Goal({ label, seconds, error, change }: GoalProps): ReactNode {
  const [unit, setUnit] = useState(() => fitting(seconds));
  return (
    <div className={classes.goal}>
      <NumberInput
        label={label}
        placeholder="No target"
        min={1}
        value={seconds === null ? "" : seconds / unit}
        error={error}
        onChange={(value) => change(value === "" ? null : Math.round(Number(value) * unit))}
      />
      <Select
        aria-label={`${label}: unit`}
        allowDeselect={false}
        data={UNITS}
        value={String(unit)}
        onChange={(value) => {
          const next = Number(value ?? 60);
          if (seconds !== null) change((seconds / unit) * next);
          setUnit(next);
        }}
      />
    </div>
  );
}

const fitting = (seconds: number | null): number =>
  [86400, 3600].find((unit) => seconds !== null && seconds % unit === 0) ?? (seconds === null ? 3600 : 60);
