/** One of a list put where another is. Pure. */
export function moved(keys: readonly string[], key: string, target: string): string[] {
  const from = keys.indexOf(key);
  const to = keys.indexOf(target);
  if (from < 0 || to < 0 || from === to) return [...keys];
  return keys.filter((each) => each !== key).toSpliced(to, 0, key);
}
