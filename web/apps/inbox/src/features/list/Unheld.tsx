import { IconHourglassEmpty } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Head } from "@/api/types";
import { waitingQuery } from "@/data/decisions";
import { momentLabel } from "@/lib/time";
import { useNow } from "@/ui/Ago";
import classes from "./Unheld.module.css";

/** Whether a conversation may wait for somebody. */
export const isUnheld = (head: Head): boolean => head.status === "open" && !head.assignee_id && !head.spam;

/** Why nobody has it yet: an hourglass that says it, with the words where there is room. Nothing where nobody was asked for. */
export function Unheld({ head, words = false }: { head: Head; words?: boolean }): ReactNode {
  const now = useNow();
  const { data } = useQuery(waitingQuery(head.id, head.seq));
  if (!data) return null;
  const said = `Waits since ${momentLabel(data.since, now)}: ${data.reason}`;
  return (
    <span className={classes.unheld} title={said}>
      <IconHourglassEmpty size={13} role="img" aria-label={words ? "Waits" : said} />
      {words && <span className="sb-truncate">{data.reason}</span>}
    </span>
  );
}
