/** Small values kept in this browser. Storage may be full or closed: then they simply aren't kept. */

export function recall<T>(key: string): T | null {
  try {
    const raw = localStorage.getItem(`switchboard.${key}`);
    return raw === null ? null : (JSON.parse(raw) as T);
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(`switchboard.${key}`);
    else localStorage.setItem(`switchboard.${key}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
