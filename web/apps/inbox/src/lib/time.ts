/** Times in words, in the reader's zone. Pure: `now` is passed in. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const weekdayLong = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

const startOfDay = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
const daysBetween = (from: Date, to: Date): number => Math.round((startOfDay(to) - startOfDay(from)) / DAY);

/** "now", "4m", "3h", "Tue", "12 Mar", "12 Mar 2023": how long ago, as short as a list row needs. */
export function shortAgo(iso: string, now: Date): string {
  const at = new Date(iso);
  const age = now.getTime() - at.getTime();
  if (age < MINUTE) return "now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)}m`;
  if (age < DAY) return `${Math.floor(age / HOUR)}h`;
  if (daysBetween(at, now) < 7) return weekday.format(at);
  return at.getFullYear() === now.getFullYear() ? dayMonth.format(at) : dayMonthYear.format(at);
}

/** "Thursday, 12 March 2026 at 09:30", for a tooltip. */
export const fullTime = (iso: string): string => full.format(new Date(iso));

/** The same where the customer is, on a second line; alone when that zone is unknown or shows the same. */
export function fullTimes(iso: string, customerZone: string): string {
  const here = fullTime(iso);
  if (!customerZone) return here;
  try {
    const format = new Intl.DateTimeFormat(undefined, {
      dateStyle: "full",
      timeStyle: "short",
      timeZone: customerZone,
    });
    const there = format.format(new Date(iso));
    return there === here ? here : `${here}\n${there} for the customer`;
  } catch {
    return here;
  }
}

/** "15 Sept 1951": a day of no zone, as "1951-09-15" is kept; what is none as it is. */
export function dateWords(day: string): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  return year ? dayMonthYear.format(new Date(Number(year), Number(month) - 1, Number(date))) : day;
}

/** "9:30", beside a message whose day is already shown. */
export const clockTime = (iso: string): string => clock.format(new Date(iso));

/** "Today", "Yesterday", "Monday, 9 March": the line between days. */
export function dayLabel(iso: string, now: Date): string {
  const at = new Date(iso);
  const days = daysBetween(at, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return at.getFullYear() === now.getFullYear() ? longDay.format(at) : dayMonthYear.format(at);
}

export const sameDay = (a: string, b: string): boolean => startOfDay(new Date(a)) === startOfDay(new Date(b));

/** "Today, 9:12", "Monday, 9 March, 9:12": a moment in full but for the year that is now. */
export const momentLabel = (iso: string, now: Date): string => `${dayLabel(iso, now)}, ${clockTime(iso)}`;

/** "9:00" today, "tomorrow 9:00", "Monday 9:00" within a week, "9 March, 9:00" after. */
export function untilLabel(iso: string, now: Date): string {
  const at = new Date(iso);
  const days = daysBetween(now, at);
  if (days === 0) return clock.format(at);
  if (days === 1) return `tomorrow ${clock.format(at)}`;
  if (days > 1 && days < 7) return `${weekdayLong.format(at)} ${clock.format(at)}`;
  return `${dayMonth.format(at)}, ${clock.format(at)}`;
}

/** "2 min 5 s", "48 s", "1 h 3 min": how long a call took. */
export function durationLabel(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** "5 seconds ago", "3 minutes ago": in a sentence. */
export function agoInWords(iso: string, now: Date): string {
  const age = Math.max(0, now.getTime() - new Date(iso).getTime());
  const [count, unit] =
    age < MINUTE
      ? [age / 1000, "second"]
      : age < HOUR
        ? [age / MINUTE, "minute"]
        : age < DAY
          ? [age / HOUR, "hour"]
          : [age / DAY, "day"];
  const whole = Math.max(1, Math.floor(count));
  return `${whole} ${unit}${whole === 1 ? "" : "s"} ago`;
}
