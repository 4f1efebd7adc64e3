import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./settings.module.css";

interface ClashProps {
  busy: boolean;
  takeTheirs: () => void;
  saveMine: () => void;
  /** What somebody else made of it meanwhile, beside what is written here. */
  children?: ReactNode;
}

/** Somebody else was quicker: what is written here stays, and goes over theirs only when that is said. */
export function Clash({ busy, takeTheirs, saveMine, children }: ClashProps): ReactNode {
  return (
    <div role="alert" className={classes.clash}>
      <p>Somebody else changed this while you were writing. Nothing was saved yet.</p>
      {children}
      <Group gap={8}>
        <Button variant="default" onClick={takeTheirs}>
          Show theirs
        </Button>
        <Button variant="default" loading={busy} onClick={saveMine}>
          Save mine over it
        </Button>
      </Group>
    </div>
  );
}
