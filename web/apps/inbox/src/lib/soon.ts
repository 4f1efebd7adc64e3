/** Work that many changes ask for at once, done once for all of them. */

/** A moment after the first, however many come: waiting for them to end would put it off for as long as they come. */
export function soon<K extends object>(after_ms: number, work: (of: K) => void): (of: K) => void {
  const asked = new WeakSet<K>();
  return (of) => {
    if (asked.has(of)) return;
    asked.add(of);
    setTimeout(() => {
      asked.delete(of);
      work(of);
    }, after_ms);
  };
}

/**
 * Asked again every few hundred milliseconds, a slow answer would be given up each time and none ever come. One that is
 * on its way is waited for; what came after it was asked for is asked for once more then (live/late.ts).
 */
export const LET_ANSWER = { cancelRefetch: false } as const;
