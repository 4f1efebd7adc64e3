import { Button, Modal } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import classes from "./settings.module.css";

interface Unsaved {
  /** The question that is asked before leaving. */
  question: ReactNode;
  /** From now on leaving is no loss: it was saved. */
  saved: () => void;
}

/** What is written here isn't lost by a click elsewhere: one is asked first. */
export function useUnsaved(changed: boolean): Unsaved {
  const kept = useRef(false);
  const loses = (): boolean => changed && !kept.current;
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: loses,
    enableBeforeUnload: loses,
    withResolver: true,
  });
  return {
    saved: () => {
      kept.current = true;
    },
    question: (
      <Modal
        opened={status === "blocked"}
        onClose={() => reset?.()}
        title="Leave without saving?"
        size={440}
        centered
      >
        <div className={classes.confirm}>
          <p>What you changed here was not saved.</p>
          <div>
            <Button variant="default" onClick={() => reset?.()} data-autofocus>
              Go on writing
            </Button>
            <Button color="red" onClick={() => proceed?.()}>
              Leave
            </Button>
          </div>
        </div>
      </Modal>
    ),
  };
}
