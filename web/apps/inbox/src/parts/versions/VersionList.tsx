import type { ReactNode } from "react";
import { useNames } from "@/data/directory";
import { momentLabel } from "@/lib/time";
import { useNow } from "@/ui/Ago";
import classes from "./versions.module.css";

export interface VersionEntry {
  version: number;
  saved_at: string;
  /** An agent's id; empty: nobody in person. */
  saved_by: string;
  /** Which it is among them: "in force", "waits for approval". */
  mark?: ReactNode;
  /** What was changed in it, in a line. */
  about: string;
}

interface VersionListProps {
  versions: readonly VersionEntry[];
  chosen: number;
  choose: (version: number) => void;
}

/** Every version that was kept, newest first: who, when and what. */
export function VersionList({ versions, chosen, choose }: VersionListProps): ReactNode {
  const names = useNames();
  const now = useNow();
  return (
    <ol className={classes.versions} aria-label="Versions" reversed>
      {versions.map((each) => (
        <li key={each.version}>
          <button
            type="button"
            aria-current={each.version === chosen || undefined}
            onClick={() => choose(each.version)}
          >
            <b className="sb-number">Version {each.version}</b>
            {each.mark}
            <small>
              {each.saved_by ? names.agentName(each.saved_by) : "Set up"} · {momentLabel(each.saved_at, now)}
            </small>
            <small className="sb-truncate">{each.about}</small>
          </button>
        </li>
      ))}
    </ol>
  );
}
