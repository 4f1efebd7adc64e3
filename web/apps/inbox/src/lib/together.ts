/** One request for what many ask for at nearly the same time. Pure but for its timer. */

interface Asked<T> {
  id: string;
  signal: AbortSignal;
  give: (found: T | null) => void;
  fail: (error: unknown) => void;
}

/**
 * Asks by id, `most` ids in a request, `soon_ms` after the first of them. Null: nothing was found for it. Who does not
 * want to know any more by then, as its row was scrolled away, is not asked for.
 */
export function together<T>(
  ask: (ids: string[]) => Promise<ReadonlyMap<string, T>>,
  { soon_ms, most }: { soon_ms: number; most: number },
): (id: string, signal: AbortSignal) => Promise<T | null> {
  let asked: Asked<T>[] = [];
  const send = async (some: Asked<T>[]): Promise<void> => {
    try {
      const found = await ask([...new Set(some.map((one) => one.id))]);
      for (const one of some) one.give(found.get(one.id) ?? null);
    } catch (error) {
      for (const one of some) one.fail(error);
    }
  };
  const sendAll = (): void => {
    const left: Asked<T>[] = [];
    for (const one of asked) {
      if (one.signal.aborted) one.fail(one.signal.reason);
      else left.push(one);
    }
    asked = [];
    for (let at = 0; at < left.length; at += most) void send(left.slice(at, at + most));
  };
  return (id, signal) =>
    new Promise((give, fail) => {
      if (asked.length === 0) setTimeout(sendAll, soon_ms);
      asked.push({ id, signal, give, fail });
    });
}
