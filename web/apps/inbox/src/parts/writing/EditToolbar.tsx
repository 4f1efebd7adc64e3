import { Button, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { Arranged } from "@/data/arrange";
import { putArrangement } from "@/data/arrangement";
import { ArrangeList } from "@/parts/ArrangeList";
import { toast } from "@/ui/toast";
import classes from "./Toolbar.module.css";
import { TOOLS, type ToolName } from "./tools";

/** Pin, unpin and order the tools under a text. Every change is kept at once. */
export default function EditToolbar({ now, done }: { now: Arranged; done: () => void }): ReactNode {
  const client = useQueryClient();
  const change = (wanted: Arranged): void => {
    putArrangement(client, "toolbar", { pinned: wanted.pinned, unpinned: wanted.more }).catch(
      (error: unknown) => toast(`Not kept. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  return (
    <Modal opened onClose={done} title="Edit toolbar" size={360} centered>
      <div className={classes.arrange}>
        <p>Pin what you use and drag it into your order. The rest is behind “…”.</p>
        <ArrangeList label="Tools" now={now} name={(key) => TOOLS[key as ToolName]} change={change} />
        <Button fullWidth onClick={done}>
          Done
        </Button>
      </div>
    </Modal>
  );
}
