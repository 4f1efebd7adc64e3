import { useRef } from "react";

/**
 * Where j and k lead in a list: from the open one (`at`, -1 when it is not in the list), and after that left the list
 * from where it was. `of`: which list; another begins at its top.
 */
export function useSteps(of: string, at: number, count: number): (by: 1 | -1) => number {
  const last = useRef({ of, at });
  if (at >= 0 || last.current.of !== of) last.current = { of, at };
  return (by) => {
    // What came after it has moved up into its place.
    const from = at >= 0 || by < 0 ? last.current.at + by : last.current.at;
    return Math.min(count - 1, Math.max(0, from));
  };
}
