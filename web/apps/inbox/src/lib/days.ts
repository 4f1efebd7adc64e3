/** Days as people write them. Pure. */

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})$/;
/** Where days are written with dots, the day comes first. */
const DOTTED = /^(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})$/;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_FIRST = /^(\d{1,2})[.\s]\s*([a-z]{3,9})\.?,?\s+(\d{4})$/;
const MONTH_FIRST = /^([a-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})$/;

/**
 * "2026-05-03" for "3 May 2026", "May 3, 2026", "3.5.2026" and "2026-5-3"; null for anything else. Not for "3/5/2026", which is
 * another day on the other side of an ocean.
 */
export function dayOf(text: string): string | null {
  const plain = text.trim().toLowerCase();
  const iso = ISO.exec(plain);
  if (iso) return day(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const dotted = DOTTED.exec(plain);
  if (dotted) return day(Number(dotted[3]), Number(dotted[2]), Number(dotted[1]));
  const dayFirst = DAY_FIRST.exec(plain);
  if (dayFirst) return day(Number(dayFirst[3]), monthOf(dayFirst[2]), Number(dayFirst[1]));
  const monthFirst = MONTH_FIRST.exec(plain);
  return monthFirst ? day(Number(monthFirst[3]), monthOf(monthFirst[1]), Number(monthFirst[2])) : null;
}

const monthOf = (name = ""): number => MONTHS.indexOf(name.slice(0, 3)) + 1;

function day(year: number, month: number, date: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, date));
  const there = at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === date;
  return there ? at.toISOString().slice(0, 10) : null;
}
