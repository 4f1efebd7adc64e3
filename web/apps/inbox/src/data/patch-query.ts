/** Changing what is cached of an answer. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

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

/** Show `wanted` while it is kept; refused, what was there comes back unless another choice was made since. Throws. */
export async function showWhileKept<T>(
  client: QueryClient,
  queryKey: QueryKey,
  wanted: T,
  put: () => Promise<unknown>,
): Promise<void> {
  // An answer that was asked for before would show the old one again.
  await client.cancelQueries({ queryKey });
  const before = client.getQueryData<T>(queryKey);
  const shown = client.setQueryData<T>(queryKey, wanted);
  try {
    await put();
  } catch (error) {
    client.setQueryData<T>(queryKey, (now) => (now === shown ? before : now));
    void client.invalidateQueries({ queryKey });
    throw error;
  }
}
