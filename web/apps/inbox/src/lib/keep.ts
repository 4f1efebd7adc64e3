/** Small values kept in this browser. Storage may be full or closed: then they simply aren't kept. */

/** The name under which the browser has it. */
export const storedAs = (key: string): string => `switchboard.${key}`;

export function recall<T>(key: string): T | null {
  try {
    const raw = localStorage.getItem(storedAs(key));
    return raw === null ? null : (JSON.parse(raw) as T);
  } catch {
    return null;
  }
}

export function keep(key: string, value: unknown): boolean {
  try {
    if (value === null) localStorage.removeItem(storedAs(key));
    else localStorage.setItem(storedAs(key), JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
