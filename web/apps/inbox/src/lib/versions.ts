/** Which versions a view shows: "v3" is one, "v2-v3" two beside each other. Pure. */

export interface Shown {
  version: number;
  /** What it is compared with; null: with nothing. */
  against: number | null;
}

/**
 * A view without a number: the newest, beside the one that is in force (what a review is about), else beside the one
 * before it. Null: there is no such version.
 */
export function shownVersions(
  view: string | null,
  versions: readonly number[],
  inForce: number | null,
): Shown | null {
  const found = /^(?:v(\d+)-)?v(\d+)$/.exec(view ?? "");
  const version = found ? Number(found[2]) : Math.max(...versions);
  if (!versions.includes(version)) return null;
  const usual = found || inForce === null ? version - 1 : inForce;
  const asked = found?.[1] ? Number(found[1]) : usual;
  const against = asked === version ? version - 1 : asked;
  return { version, against: versions.includes(against) ? against : null };
}

export const viewOf = ({ version, against }: Shown): string =>
  against === null || against === version - 1 ? `v${version}` : `v${against}-v${version}`;
