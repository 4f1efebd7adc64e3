/** What somebody means who types a few letters of a name. Pure. */

/** Those whose label has all the words of the query, the ones that begin with it first. */
export function matching<T extends { label: string }>(
  query: string,
  choices: readonly T[],
  most: number,
): T[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = choices.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)));
  const first = words[0] ?? "";
  const rank = ({ label }: T): number => (label.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, most);
}
