import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { Head } from "@/api/types";
import { decisionsQuery } from "@/data/decisions";
import { fullTime, momentLabel } from "@/lib/time";
import { Why } from "@/parts/trace/Why";
import { useNow } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import classes from "./Details.module.css";

/** Why nobody has it yet: "Waits since 9:04: Nobody in Email Support is online." Nothing where nobody was asked for. */
export default function Waits({ head }: { head: Head }): ReactNode {
  const now = useNow();
  const { data, error, refetch } = useQuery(decisionsQuery(head.id, head.seq, 1));
  if (error) {
    return (
      <p className={classes.waits} role="alert">
        Why nobody has it can’t be shown. {sentenceOf(error)}{" "}
        <TextButton onClick={() => void refetch()}>Try again</TextButton>
      </p>
    );
  }
  if (!data?.waiting) return null;
  const { decision_id, reason, since } = data.waiting;
  return (
    <p className={classes.waits}>
      Waits since{" "}
      <time dateTime={since} title={fullTime(since)} className="sb-number">
        {momentLabel(since, now)}
      </time>
      : {reason} · <Why decisionId={decision_id} />
    </p>
  );
}
