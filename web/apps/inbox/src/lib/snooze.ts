/** Until when a conversation may sleep. Pure: `now` is passed in. */

import { cityOf, isElsewhere, momentOf, wallOf } from "./zones";

const HALF_HOUR_MS = 30 * 60_000;

export interface SnoozePreset {
  label: string;
  until: Date;
}

/**
 * What people mostly choose: mornings are at nine in `zone`, the brand's (the reader's without one). "Later today" is
 * the reader's day, and only while there is a later.
 */
export function snoozePresets(now: Date, zone?: string): SnoozePreset[] {
  const { weekday: today, ...wall } = wallOf(now, zone);
  const atNine = (days: number): Date => momentOf({ ...wall, day: wall.day + days, hour: 9 }, zone);
  const presets: SnoozePreset[] = [];
  const later = new Date(Math.ceil(now.getTime() / HALF_HOUR_MS + 6) * HALF_HOUR_MS);
  if (later.getDate() === now.getDate() && later.getHours() < 20) {
    presets.push({ label: "Later today", until: later });
  }
  presets.push({ label: "Tomorrow", until: atNine(1) });
  const toMonday = (8 - today) % 7 || 7;
  if (toMonday > 3) presets.push({ label: "In three days", until: atNine(3) });
  if (toMonday > 1) presets.push({ label: "Next week", until: atNine(toMonday) });
  presets.push({ label: "In a month", until: atNine(30) });
  return presets;
}

/** What stands above them: where it is nine then, unless that is the reader's own clock. */
export const snoozeTitle = (words: string, zone: string | undefined, now: Date): string =>
  isElsewhere(zone, now) ? `${words} (mornings: 9:00 in ${cityOf(zone)})` : words;
