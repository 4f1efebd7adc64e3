import { useEffect, useState } from "react";

interface Enter {
  /** Pressed too early, and waiting for what is looked for. */
  waits: boolean;
  press: () => void;
  forget: () => void;
}

/**
 * Enter in a field that finds things: takes what was found for the words that stand there, and never what was found for
 * those before. Pressed before that is there (`found`) it is remembered until it is, or until the words are changed.
 */
export function useEnter(words: string, found: boolean, take: () => void): Enter {
  const [pressed, setPressed] = useState<string | null>(null);
  if (pressed !== null && pressed !== words) setPressed(null);
  const waits = pressed === words;
  // biome-ignore lint/correctness/useExhaustiveDependencies: taken once, when it is found
  useEffect(() => {
    if (!waits || !found) return;
    setPressed(null);
    take();
  }, [waits, found]);
  return { waits, press: () => setPressed(words), forget: () => setPressed(null) };
}
