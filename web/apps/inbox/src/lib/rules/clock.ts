/** Times of the clock at which a rule is asked, in words. Pure. */
import type { ClockTimes } from "@/api/rules";
import { WEEKDAYS } from "@/lib/weekdays";

export const STRIKES = "ClockStruck";

/** Of the days of a month, the last one, whichever that is. */
export const LAST = -1;

/** What a rule that begins to go by the clock says first. */
export const USUAL: ClockTimes = {
  weekdays: ["mon", "tue", "wed", "thu", "fri"],
  month_days: [],
  times: ["09:00"],
  every: null,
  zone: null,
  statuses: ["open"],
};

const list = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? "…") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

const endings: Record<string, string> = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

/** "1st", "last": as in "on the 1st". */
export const monthDayWords = (day: number): string =>
  day === LAST ? "last day" : `${day}${endings[ordinals.select(day)]}`;

/** "09:00" as "9:00". */
const timeWords = (time: string): string => time.replace(/^0(?=\d:)/, "");

function daysWords({ weekdays, month_days }: ClockTimes): string {
  if (month_days.length) {
    const last = month_days.includes(LAST) ? [LAST] : [];
    const days = [...month_days.filter((day) => day !== LAST).sort((one, other) => one - other), ...last];
    return `on the ${list(days.map(monthDayWords))} of the month`;
  }
  const named = WEEKDAYS.filter(({ day }) => weekdays.includes(day));
  if (named.length === 7) return "every day";
  const office = named.length === 5 && !weekdays.includes("sat") && !weekdays.includes("sun");
  return office ? "every weekday" : `every ${list(named.map(({ name }) => name))}`;
}

function hoursWords({ times, every }: ClockTimes): string {
  if (!every) return ` at ${list([...times].sort().map(timeWords))}`;
  const often = every.hours === 1 ? "every hour" : `every ${every.hours} hours`;
  return `, ${often} from ${timeWords(every.from)} to ${timeWords(every.to)},`;
}

/** "every weekday at 17:00 in the brand’s time zone, for open conversations". */
export const clockWords = (clock: ClockTimes): string =>
  `${daysWords(clock)}${hoursWords(clock)} ${zoneWords(clock.zone)}, for ${list(clock.statuses)} conversations`;

const zoneWords = (zone: string | null | undefined): string =>
  zone ? `by the clocks of ${zone.replaceAll("_", " ")}` : "in the brand’s time zone";

/** "9", "9:30" and "0930" as the service has them; what is no time as it was typed. */
export function readTime(typed: string): string {
  const [, hour = "", minute = "0"] = /^\s*(\d{1,2}?)(?:[:.]?(\d{2}))?\s*$/.exec(typed) ?? [];
  const is = hour !== "" && Number(hour) < 24 && Number(minute) < 60;
  return is ? `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` : typed.trim();
}

const shownIn = new Map<string, Intl.DateTimeFormat>();

/** "Mon 4 May, 17:00": a moment as the clocks of a zone show it. */
export function momentIn(iso: string, zone: string): string {
  let format = shownIn.get(zone);
  if (!format) {
    const day = { weekday: "short", day: "numeric", month: "short" } as const;
    format = new Intl.DateTimeFormat(undefined, {
      ...day,
      hour: "numeric",
      minute: "2-digit",
      timeZone: zone,
    });
    shownIn.set(zone, format);
  }
  return format.format(new Date(iso));
}
