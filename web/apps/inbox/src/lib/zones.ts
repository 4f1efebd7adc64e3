/** The clock on the wall in an IANA time zone; without one, or with one that the browser does not know, the reader's. */

/** `month` from 0, `weekday` from 0 for Sunday, as Date has them. */
export interface Wall {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hour: number;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let made = formats.get(zone);
  if (made !== undefined) return made;
  try {
    const numeric = "numeric" as const;
    const fields = {
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    };
    made = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...fields });
  } catch {
    made = null;
  }
  formats.set(zone, made);
  return made;
}

/** How far the zone's clock is ahead of UTC at that moment, ms. */
function aheadMs(at: number, zone: string | undefined): number {
  const format = zone ? formatOf(zone) : null;
  if (!format) return -new Date(at).getTimezoneOffset() * 60_000;
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

export function wallOf(at: Date, zone?: string): Wall {
  const shown = new Date(at.getTime() + aheadMs(at.getTime(), zone));
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth(),
    day: shown.getUTCDate(),
    weekday: shown.getUTCDay(),
    hour: shown.getUTCHours(),
  };
}

/** When it is that hour of that day there; `day` may run over the month. */
export function momentOf({ year, month, day, hour }: Omit<Wall, "weekday">, zone?: string): Date {
  const wanted = Date.UTC(year, month, day, hour);
  const near = wanted - aheadMs(wanted, zone);
  return new Date(wanted - aheadMs(near, zone)); // the clocks may have changed in between
}

/** "Los Angeles". */
export const cityOf = (zone: string): string => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");

/** Whether the zone's clock shows something else than the reader's. */
export const isElsewhere = (zone: string | undefined, now: Date): zone is string =>
  Boolean(zone) && aheadMs(now.getTime(), zone) !== aheadMs(now.getTime(), undefined);

export interface ZoneChoice {
  value: string;
  label: string;
}

/** Every zone to choose from: those that the browser knows, and `set`, which it may not know. */
export const zoneChoices = (set?: string | null): ZoneChoice[] =>
  [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", ...(set ? [set] : [])])]
    .sort()
    .map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
