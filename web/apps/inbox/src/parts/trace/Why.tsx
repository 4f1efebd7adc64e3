import { Popover } from "@mantine/core";
import { type ReactNode, Suspense, useState } from "react";
import { lazy } from "@/lib/lazy";
import classes from "./Why.module.css";

const Explanation = lazy(() => import("./Explanation"));

/** "Why?": which rules were looked at, which matched, and the values they saw. */
export function Why({ decisionId }: { decisionId: string }): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={400} position="bottom" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.why}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          Why?
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Why this happened">
        <Suspense>{opened && <Explanation decisionId={decisionId} />}</Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
