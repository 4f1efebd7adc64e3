import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { toast, undo } from "@/ui/toast";
import { ConfirmButton } from "./ConfirmButton";

interface RetireButtonProps {
  /** As people know it. */
  name: string;
  active: boolean;
  seq: number;
  /** Save it as in use or not, over the version `seq`. */
  become: (active: boolean, seq: number) => Promise<{ seq: number }>;
  done: () => void;
  /** What changes for whom when it is retired. */
  children: ReactNode;
}

/** Take something out of use, with what that means said first; or bring it back. */
export function RetireButton(props: RetireButtonProps): ReactNode {
  const { name, active, seq, become, done, children } = props;
  if (!active) {
    const bring = (): Promise<void> =>
      become(true, seq)
        .then(done)
        .catch((error) => toast(`Not brought back. ${sentenceOf(error)}`, undefined, "error"));
    return (
      <Button variant="default" onClick={() => void bring()}>
        Bring back
      </Button>
    );
  }
  const retire = async (): Promise<void> => {
    const made = await become(false, seq);
    done();
    toast(
      `“${name}” is retired`,
      undo(() => become(true, made.seq)),
    );
  };
  return (
    <ConfirmButton label="Retire…" title={`Retire “${name}”?`} confirm="Retire" run={retire}>
      {children}
    </ConfirmButton>
  );
}
