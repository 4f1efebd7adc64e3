import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import page from "./page.module.css";

interface NotShownProps {
  asked: Pick<UseQueryResult, "error" | "refetch">;
  back: () => void;
}

/** Where a ticket or a contact would be that is still being read, can’t be read or is gone. */
export function NotShown({ asked: { error, refetch }, back }: NotShownProps): ReactNode {
  if (!error) {
    return (
      <Later>
        <div className={page.placeholder} />
      </Later>
    );
  }
  return (
    <div className={page.empty} role="alert">
      <p>{sentenceOf(error)}</p>
      <TextButton onClick={() => void refetch()}>Try again</TextButton>
      <TextButton onClick={back}>Back to the list</TextButton>
    </div>
  );
}
