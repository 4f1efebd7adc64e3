import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import classes from "./settings.module.css";

interface ConfirmButtonProps {
  label: string;
  title: string;
  /** What it changes, for whom. */
  children: ReactNode;
  /** What the button in the dialog says. */
  confirm: string;
  disabled?: boolean;
  run: () => Promise<void>;
}

/** A button for what is not done lightly: a dialog says first what it affects. */
export function ConfirmButton(props: ConfirmButtonProps): ReactNode {
  const { label, title, children, confirm, disabled, run } = props;
  const [opened, setOpened] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState("");
  const close = (): void => {
    setOpened(false);
    setTrouble("");
  };
  const act = async (): Promise<void> => {
    setBusy(true);
    setTrouble("");
    try {
      await run();
      close();
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="default" disabled={disabled ?? false} onClick={() => setOpened(true)}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title} size={440} centered>
        <div className={classes.confirm}>
          {children}
          {trouble && (
            <p role="alert" className={classes.wrong}>
              {trouble}
            </p>
          )}
          <div>
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button color="red" loading={busy} onClick={() => void act()}>
              {confirm}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
