import { NumberInput, Select } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { readLength, UNITS, type Unit, writeLength } from "@/lib/durations";
import classes from "./conditions.module.css";

interface LengthInputProps {
  label: string;
  /** ISO 8601; empty: not written yet. */
  value: string;
  error: string | null;
  change: (iso: string) => void;
}

/** A length of time: a number and its unit. */
export function LengthInput({ label, value, error, change }: LengthInputProps): ReactNode {
  const length = readLength(value);
  // Kept here: 60 minutes stay minutes while they are written.
  const [unit, setUnit] = useState<Unit>(length?.unit ?? "hours");
  const shown = length ? (unitsIn(value, unit) ?? length.count) : "";
  return (
    <div className={classes.length}>
      <NumberInput
        aria-label={label}
        min={1}
        allowDecimal={false}
        value={shown}
        error={error}
        onChange={(typed) => change(Number(typed) > 0 ? writeLength({ count: Number(typed), unit }) : "")}
      />
      <Select
        aria-label={`${label}: unit`}
        allowDeselect={false}
        data={[...UNITS]}
        value={unit}
        onChange={(next) => {
          if (!next) return;
          setUnit(next as Unit);
          if (typeof shown === "number") change(writeLength({ count: shown, unit: next as Unit }));
        }}
      />
    </div>
  );
}

/** How many of a unit it is written in; null: in another. */
function unitsIn(iso: string, unit: Unit): number | null {
  const mark = { minutes: "M", hours: "H", days: "D", weeks: "W" }[unit];
  const found = new RegExp(`^PT?(\\d+)${mark}$`).exec(iso);
  return found ? Number(found[1]) : null;
}
