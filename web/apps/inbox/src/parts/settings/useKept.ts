import { useState } from "react";

/**
 * What was found last under an id: a list that is asked anew may lack what somebody retired meanwhile, and a form in
 * which something is written must not go with it. Undefined when it was never there.
 */
export function useKept<T extends { id: string }>(found: T | undefined, id: string | null): T | undefined {
  const [kept, setKept] = useState(found);
  if (found ? found !== kept : kept && kept.id !== id) setKept(found);
  return found ?? (kept?.id === id ? kept : undefined);
}
