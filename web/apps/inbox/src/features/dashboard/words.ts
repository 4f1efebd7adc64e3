/** What the dashboard says of its figures. Pure. */
import type { Durations, OfChannel, OfPlace } from "@/api/dashboard";
import type { Availability } from "@/api/people";
import type { Channel } from "@/api/types";
import type { Names } from "@/data/directory";
import { cityOf } from "@/lib/zones";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "8 s", "4 min", "1 h 20 min", "3 d 2 h": two units at most, as a column needs. */
export function roughly(seconds: number): string {
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  const [unit, name, below, belowName] =
    seconds >= DAY
      ? [DAY, "d", HOUR, "h"]
      : seconds >= HOUR
        ? [HOUR, "h", MINUTE, "min"]
        : [MINUTE, "min", 0, ""];
  const whole = Math.floor(Number(seconds) / Number(unit));
  const rest = below ? Math.floor((seconds - whole * Number(unit)) / Number(below)) : 0;
  return rest ? `${whole} ${name} ${rest} ${belowName}` : `${whole} ${name}`;
}

/** How long ago, in the same words. */
export const since = (iso: string, now: Date): string =>
  roughly(Math.max(0, now.getTime() - new Date(iso).getTime()) / 1000);

/** "4 min", and in the tooltip what else is known. "–" when nothing was measured. */
export function typical(times: Durations): { short: string; long: string } {
  if (times.median_s === null || times.p90_s === null)
    return { short: "–", long: "Nothing to measure yet today" };
  return {
    short: roughly(times.median_s),
    long: `Half within ${roughly(times.median_s)}, nine in ten within ${roughly(times.p90_s)}, of ${times.count.toLocaleString()}`,
  };
}

/** "Online", "Away: Coaching", "Offline". */
export function statusWords(one: Availability | undefined): string {
  if (one?.status === "online") return "Online";
  if (one?.status === "away") return one.reason ? `Away: ${one.reason}` : "Away";
  return "Offline";
}

/** "Berlin, 15:04": where somebody's clock is and what it shows; empty when that is hidden. */
export function clockThere(timeZone: string | undefined, now: Date): string {
  if (!timeZone) return "";
  const city = cityOf(timeZone);
  try {
    const time = new Intl.DateTimeFormat(undefined, { timeZone, hour: "numeric", minute: "2-digit" });
    return `${city}, ${time.format(now)}`;
  } catch {
    return city;
  }
}

export type Kind = "teams" | "brands" | "channels";

export const KINDS: Record<Kind, string> = { teams: "Teams", brands: "Brands", channels: "Channels" };

const CHANNEL_NAMES: Record<Channel, string> = {
  email: "Email",
  chat: "Chat",
  phone: "Phone",
  custom: "Other",
};

/** "3/4": what somebody has of a channel, of how many they take; "Chat: 3 of 4" for who can't see its sign. */
export function loadWords({ channel, open, capacity }: OfChannel): {
  short: string;
  long: string;
  full: boolean;
} {
  const [has, most] = [open.toLocaleString(), capacity?.toLocaleString()];
  return {
    short: most === undefined ? has : `${has}/${most}`,
    long: `${CHANNEL_NAMES[channel]}: ${has}${most === undefined ? "" : ` of ${most}`}`,
    full: capacity !== null && capacity > 0 && open >= capacity,
  };
}

export function placeName(kind: Kind, id: string, names: Names): string {
  if (kind === "brands") return names.brand(id)?.name ?? "A brand";
  if (kind === "channels") return CHANNEL_NAMES[id as Channel] ?? id;
  return id ? names.teamName(id) : "No team";
}

/** What an inbox is narrowed to, to list what a line counts. */
export function narrowingOf(kind: Kind, id: string): Record<string, string> {
  if (kind === "brands") return { brand: id };
  if (kind === "channels") return { channel: id };
  return { team: id || "none" };
}

/** What began without a team counts as new where it was given to: counted in both lines, it would be twice. */
const countsNew = (kind: Kind, { id }: OfPlace): boolean => kind !== "teams" || id !== "";

export const newWords = (kind: Kind, one: OfPlace): string =>
  countsNew(kind, one) ? one.today.new.toLocaleString() : "";

/** Lines with nothing in them and nothing done are left out, unless all are such. */
export function worthALine(kind: Kind, lines: readonly OfPlace[]): readonly OfPlace[] {
  const busy = lines.filter((one) => {
    const { open } = one.now;
    return open || (countsNew(kind, one) && one.today.new) || one.today.closed || one.today.replies;
  });
  return busy.length > 0 ? busy : lines;
}
