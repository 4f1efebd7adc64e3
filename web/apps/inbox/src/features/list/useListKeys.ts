import type { ConversationRow } from "@/api/types";
import { useKeys } from "@/lib/keys";
import { usePlace } from "@/lib/place";
import { useSteps } from "@/lib/useSteps";

/** j and k go down and up; after the selected one left the list they go on from where it was. */
export function useListKeys(rows: ConversationRow[]): void {
  const place = usePlace();
  const at = rows.findIndex((row) => row.head.id === place.conversationId);
  // One list to the steps, whichever inbox it shows.
  const stepTo = useSteps("", at, rows.length);
  const go = (by: 1 | -1): void => {
    const row = rows[stepTo(by)];
    if (row) place.open(row.head.id);
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
}
