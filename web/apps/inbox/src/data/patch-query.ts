/** Changing what is cached of an answer. */
import { hashKey, MutationObserver, type QueryClient, type QueryKey } from "@tanstack/react-query";

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

/**
 * Show what `change` makes of what is shown, at once, while `put` keeps it. Several are kept in the order in which they
 * were made, so that the last one stays. One that is refused is taken back, unless another was made since; what is kept
 * is asked for after the last. Throws what `put` throws. `putBack`: what takes it back where only a part of what is
 * shown was changed.
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
  const keeping = new MutationObserver(client, {
    mutationKey: queryKey,
    scope: { id: hashKey(queryKey) },
    networkMode: "always",
    mutationFn: () => put(wanted),
  });
  try {
    await keeping.mutate();
  } catch (error) {
    client.setQueryData<T>(queryKey, putBack ?? ((now) => (now === shown ? before : now)));
    throw error;
  } finally {
    keeping.reset();
    if (!client.isMutating({ mutationKey: queryKey })) void client.invalidateQueries({ queryKey });
  }
}
