import type { ReactNode } from "react";
import type { Standing } from "@/api/governed";
import { badgeOf } from "@/lib/governed";
import { useNow } from "@/ui/Ago";
import classes from "./governed.module.css";

/** Where the latest version stands; nothing when it is in force for everybody. */
export function StateBadge({ standing }: { standing: Standing }): ReactNode {
  const badge = badgeOf(standing, useNow());
  return (
    badge && (
      <span className={classes.badge} data-tone={badge.tone}>
        {badge.text}
      </span>
    )
  );
}
