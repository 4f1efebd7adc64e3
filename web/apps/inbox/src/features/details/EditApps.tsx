import { Button } from "@mantine/core";
import { useFocusTrap } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { Arranged } from "@/data/arrange";
import { putArrangement } from "@/data/arrangement";
import { onEscape } from "@/lib/keys";
import { ArrangeList } from "@/parts/ArrangeList";
import { toast } from "@/ui/toast";
import classes from "./Apps.module.css";

interface EditAppsProps {
  now: Arranged;
  name: (key: string) => string;
  done: () => void;
}

/** Pin, unpin and order the apps beside conversations. Every change is kept at once. */
export default function EditApps({ now, name, done }: EditAppsProps): ReactNode {
  const client = useQueryClient();
  const focus = useFocusTrap();
  const change = (wanted: Arranged): void => {
    putArrangement(client, "panel", { pinned: wanted.pinned, unpinned: wanted.more }).catch(
      (error: unknown) => toast(`Not kept. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  return (
    <section ref={focus} className={classes.edit} aria-label="Edit apps" onKeyDown={onEscape(done)}>
      <h3>Edit apps</h3>
      <p>Pin what you use and drag it into your order. The rest is under “More apps”.</p>
      <ArrangeList label="Apps" now={now} name={name} change={change} />
      <Button fullWidth onClick={done}>
        Done
      </Button>
    </section>
  );
}
