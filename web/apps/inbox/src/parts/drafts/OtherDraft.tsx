import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { Draft } from "@/api/drafts";
import { agoInWords } from "@/lib/time";
import classes from "./drafts.module.css";
import { isNothing, letterOf } from "./letters";

interface OtherDraftProps {
  other: Draft;
  keepMine: () => void;
  takeOther: () => void;
  /** It stands in a form of its own, not at the foot of a composer. */
  boxed?: boolean;
}

/** Said when the same draft was written on another device: neither is thrown away without a word. */
export function OtherDraft({ other, keepMine, takeOther, boxed = false }: OtherDraftProps): ReactNode {
  const gone = isNothing(letterOf(other));
  const when = other.updated_at ? agoInWords(other.updated_at, new Date()) : "meanwhile";
  return (
    <div role="alert" className={classes.other} data-boxed={boxed || undefined}>
      <span>
        {gone
          ? `This draft was sent or thrown away elsewhere ${when}.`
          : `This draft was changed in another window or on another device ${when}.`}
      </span>
      <span className={classes.choices}>
        <Button size="compact-xs" variant="default" onClick={keepMine}>
          Keep this one
        </Button>
        <Button size="compact-xs" variant="default" onClick={takeOther}>
          {gone ? "Throw it away" : "Use the other one"}
        </Button>
      </span>
    </div>
  );
}
