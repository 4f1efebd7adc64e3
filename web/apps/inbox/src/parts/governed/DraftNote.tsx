import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Governed } from "@/api/governed";
import { type Kind, termsQuery, useWho } from "@/data/governed";
import { isInHand, lostWords, onlyDraftWords } from "@/lib/governed";
import classes from "./governed.module.css";
import { StateBadge } from "./StateBadge";

interface DraftNoteProps {
  kind: Kind;
  /** The version that is about to be changed; undefined: something new. */
  one: Governed | undefined;
}

/**
 * In a form: which version one changes where that isn't the one in force, what saving takes from it, and why it can
 * only be saved as a draft.
 */
export function DraftNote({ kind, one }: DraftNoteProps): ReactNode {
  const who = useWho(kind);
  const { data: terms } = useQuery(termsQuery(kind));
  const only = terms ? onlyDraftWords(terms.approvals, who, kind.plural) : "";
  const inHand = one && isInHand(one.standing) ? one : null;
  if (!inHand && !only) return null;
  return (
    <p className={classes.note}>
      {inHand && (
        <>
          <StateBadge standing={inHand.standing} /> You change version {inHand.version}.{" "}
          {inHand.standing.published === null
            ? "Nothing of it is in force."
            : `Version ${inHand.standing.published} is in force.`}{" "}
          {lostWords(inHand.standing)}{" "}
        </>
      )}
      {only}
    </p>
  );
}
