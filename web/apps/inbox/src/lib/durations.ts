/** Lengths of time as the services write them (ISO 8601: PT30M, P3D), as a number and its unit. Pure. */

export type Unit = "minutes" | "hours" | "days" | "weeks";

export const UNITS: readonly Unit[] = ["minutes", "hours", "days", "weeks"];
const MINUTES: Record<Unit, number> = { minutes: 1, hours: 60, days: 1440, weeks: 10_080 };
const WRITTEN = /^P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?)$/;

export interface Length {
  count: number;
  unit: Unit;
}

/** "PT120M" → 2 hours: the largest unit of which it is a whole number; null: it can't be read. */
export function readLength(iso: string): Length | null {
  const found = WRITTEN.exec(iso);
  if (!found) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0] = found.slice(1).map((each) => Number(each ?? 0));
  const total = weeks * MINUTES.weeks + days * MINUTES.days + hours * 60 + minutes;
  if (total === 0) return null;
  // Seven days stay days where they were written so.
  const units = weeks ? UNITS : UNITS.slice(0, -1);
  const unit = units.findLast((each) => total % MINUTES[each] === 0) ?? "minutes";
  return { count: total / MINUTES[unit], unit };
}

export function writeLength({ count, unit }: Length): string {
  switch (unit) {
    case "weeks":
      return `P${count}W`;
    case "days":
      return `P${count}D`;
    case "hours":
      return `PT${count}H`;
    case "minutes":
      return `PT${count}M`;
  }
}

/** "PT2H30M" as "2 hours 30 minutes"; as it is written when it can't be read. */
export function lengthWords(iso: string): string {
  const counts = WRITTEN.exec(iso)?.slice(1) ?? [];
  const words = ["week", "day", "hour", "minute"].flatMap((unit, at) => {
    const count = Number(counts[at] ?? 0);
    return count ? [`${count} ${unit}${count === 1 ? "" : "s"}`] : [];
  });
  return words.join(" ") || iso;
}
