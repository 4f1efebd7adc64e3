import { useState } from "react";

/**
 * `value`, or what was chosen since it came: known to the next key at once, also when that is pressed before the choice
 * comes back as the value.
 */
export function useShown<T>(value: T): readonly [T, (chosen: T) => void] {
  const [choice, setChoice] = useState({ since: value, chosen: value });
  return [choice.since === value ? choice.chosen : value, (chosen) => setChoice({ since: value, chosen })];
}
