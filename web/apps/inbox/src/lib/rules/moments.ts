/** A moment as a browser's field shows it, in the reader's zone, and as it is kept, in UTC. Pure but for the zone. */

const two = (count: number): string => String(count).padStart(2, "0");

/** "2026-01-31T09:00:00Z" → "2026-01-31T10:00" in Berlin; empty when it is no moment. */
export function localMoment(iso: string): string {
  const at = new Date(iso);
  if (iso === "" || Number.isNaN(at.getTime())) return "";
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function momentOf(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}
