import { useRef } from "react";
import type { ConversationRow } from "@/api/types";
import { useKeys } from "@/lib/keys";
import { usePlace } from "@/lib/place";

/** j and k go down and up; after the selected one left the list they go on from where it was. */
export function useListKeys(rows: ConversationRow[]): void {
  const place = usePlace();
  const lastAt = useRef(-1);
  const at = rows.findIndex((row) => row.head.id === place.conversationId);
  if (at >= 0) lastAt.current = at;
  const go = (step: 1 | -1): void => {
    const from = at >= 0 ? at + step : step === 1 ? Math.max(0, lastAt.current) : lastAt.current - 1;
    const row = rows[Math.min(rows.length - 1, Math.max(0, from))];
    if (row) place.open(row.head.id);
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
}
