/** Changing what is cached of an answer. */
import { hashKey, type QueryClient, type QueryKey } from "@tanstack/react-query";

/**
 * Change what is there, undefined leaves it. Setting data by hand counts as an answer to the library: what was to be
 * asked again, as it is after a gap, would not be any more, and stay as wrong as it was.
 */
export function patchQuery<T>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (now: T | undefined) => T | undefined,
): void {
  const again = client.getQueryState(queryKey)?.isInvalidated;
  client.setQueryData<T>(queryKey, change);
  if (again) void client.invalidateQueries({ queryKey, exact: true, refetchType: "none" });
}

interface Line {
  /** What the server had last: what a refused change gives way to. */
  kept: unknown;
  /** What is shown. Of changes of the whole that wait only this one is put: it has the others in it. */
  newest: unknown;
  done: Promise<unknown>;
}

const lines = new WeakMap<QueryClient, Map<string, Line>>();

/**
 * Show what `change` makes of what is shown, at once, while `put` keeps it: one after the other, so that the last one
 * stays, and of those that wait the newest alone, at once when the page is left meanwhile. What is refused is taken
 * back; what is kept is asked for after the last. Throws what `put` throws. `putBack`: what takes it back where `put`
 * keeps only a part of what is shown; then each is put.
 */
export async function showWhileKept<T>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (now: T | undefined) => T,
  put: (wanted: T) => Promise<unknown>,
  putBack?: (now: T | undefined) => T | undefined,
): Promise<void> {
  // An answer that was asked for before would show the old one again.
  void client.cancelQueries({ queryKey });
  const before = client.getQueryData<T>(queryKey);
  const wanted = change(before);
  const shown = client.setQueryData<T>(queryKey, wanted);
  const ofClient = lines.get(client) ?? new Map<string, Line>();
  lines.set(client, ofClient);
  const name = hashKey(queryKey);
  const under = ofClient.get(name);
  const line: Line = under ?? { kept: before, newest: shown, done: Promise.resolve() };
  ofClient.set(name, line);
  let begun: Promise<unknown> | undefined;
  const begin = (): Promise<unknown> => {
    begun ??= put(wanted);
    return begun;
  };
  const keep = async (): Promise<void> => {
    if (!putBack && line.newest !== shown) return;
    await begin();
    line.kept = shown;
  };
  // Its turn would never come; whether it is refused is told where it is waited for.
  const leave = (): void => {
    if (line.newest === shown) begin().catch(() => undefined);
  };
  const waits = under !== undefined && !putBack;
  if (waits) addEventListener("pagehide", leave);
  line.newest = shown;
  const done = under ? line.done.then(keep, keep) : keep();
  line.done = done;
  try {
    await done;
  } catch (error) {
    client.setQueryData<T>(queryKey, putBack ?? ((now) => (now === shown ? (line.kept as T) : now)));
    throw error;
  } finally {
    if (waits) removeEventListener("pagehide", leave);
    if (line.done === done) {
      ofClient.delete(name);
      void client.invalidateQueries({ queryKey });
    }
  }
}
