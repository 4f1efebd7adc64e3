import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useNames } from "@/data/directory";
import { historyQuery, type Kind } from "@/data/governed";
import { happenedWords } from "@/lib/governed";
import { momentLabel } from "@/lib/time";
import { Fields } from "@/parts/settings/EditForm";
import { useNow } from "@/ui/Ago";
import classes from "./governed.module.css";

/** What was done to it, by whom and why; newest first. */
export function History({ kind, id }: { kind: Kind; id: string }): ReactNode {
  const { data } = useQuery(historyQuery(kind, id));
  const names = useNames();
  const now = useNow();
  if (!data) return null;
  return (
    <Fields name="What happened">
      <ol className={classes.history}>
        {data.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may be of the same moment, and none ever moves
          <li key={index}>
            <span>
              <b>{each.by ? names.agentName(each.by) : "Switchboard"}</b> {happenedWords(each)}
              {each.text && <q dir="auto">{each.text}</q>}
            </span>
            <small>{momentLabel(each.at, now)}</small>
          </li>
        ))}
      </ol>
    </Fields>
  );
}
