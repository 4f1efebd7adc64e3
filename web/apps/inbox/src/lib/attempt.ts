/** What a form does when it is sent: it is busy meanwhile, and what went wrong stays beside it. */
import { useState } from "react";
import { sentenceOf } from "@/api/client";

interface Attempt {
  busy: boolean;
  /** A sentence, empty while nothing went wrong. */
  trouble: string;
  /** Do it. Afterwards the form is gone; only a failure gives it back, and tells `failed` of it. */
  attempt: (work: () => Promise<void>, failed?: (error: unknown) => void) => Promise<void>;
}

export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const attempt: Attempt["attempt"] = async (work, failed) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      failed?.(error);
      setTrouble(sentenceOf(error));
      setBusy(false);
    }
  };
  return { busy, trouble, attempt };
}
