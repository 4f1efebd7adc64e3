import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./settings.module.css";
import type { Editing, Save } from "./useEdit";

interface ClashProps<T, S extends { seq: number }> {
  editing: Editing<T, S>;
  save: Save<S>;
  /** What somebody else made of it meanwhile, beside what is written here. */
  compare?: ((theirs: S) => ReactNode) | undefined;
}

/** Somebody else was quicker: what is written here stays, and goes over theirs only when that is said. */
export function Clash<T, S extends { seq: number }>({ editing, save, compare }: ClashProps<T, S>): ReactNode {
  const { theirs, busy } = editing;
  if (!theirs) return null;
  return (
    <div role="alert" className={classes.clash}>
      <p>Somebody else changed this while you were writing. Nothing was saved yet.</p>
      {compare?.(theirs)}
      <Group gap={8}>
        <Button variant="default" onClick={editing.takeTheirs}>
          Show theirs
        </Button>
        <Button variant="default" loading={busy} onClick={() => void editing.submit(save, theirs)}>
          Save mine over it
        </Button>
      </Group>
    </div>
  );
}
