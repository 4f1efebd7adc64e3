import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./drafts.module.css";
import type { Kept } from "./keeper";

const WORDS: Record<Kept, string> = { no: "", kept: "Draft saved", here: "Saved in this browser" };

interface SavedProps {
  kept: Kept;
  /** Throw it away: where a form has many fields to empty. */
  discard?: () => void;
}

/** Beside what sends it: where the draft is kept. */
export function Saved({ kept, discard }: SavedProps): ReactNode {
  return (
    <span className={`${classes.saved} sb-truncate`}>
      {WORDS[kept]}
      {discard && (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={discard}>
          Start over
        </Button>
      )}
    </span>
  );
}
