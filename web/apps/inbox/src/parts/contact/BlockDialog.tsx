import { Button, Modal, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Contact } from "@/api/contacts";
import { useContactCommands } from "@/data/contacts";
import { contactName } from "@/lib/contacts";
import { FormEnd } from "@/ui/FormEnd";
import { toast, undo } from "@/ui/toast";
import classes from "./dialogs.module.css";
import { fieldWords } from "./EditField";

interface BlockDialogProps {
  contact: Contact;
  opened: boolean;
  close: () => void;
}

/** Why somebody's messages go to Spam from now on. */
export function BlockDialog({ contact, opened, close }: BlockDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={close} title={`Block ${contactName(contact)}`} size={440} centered>
      {opened && <Form contact={contact} close={close} />}
    </Modal>
  );
}

function Form({ contact, close }: Omit<BlockDialogProps, "opened">): ReactNode {
  const commands = useContactCommands(contact.id);
  const [reason, setReason] = useState("");
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const block = async (): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setTrouble("");
    try {
      await commands.block(reason);
      close();
      toast(`${contactName(contact)} is blocked`, undo(commands.unblock));
    } catch (error) {
      setTrouble(fieldWords(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void block();
      }}
    >
      <p className={classes.hint}>
        What they write from now on goes to Spam and wakes nobody. What is there stays where it is, and they
        are not told. You can unblock them at any time.
      </p>
      <TextInput
        label="Why?"
        placeholder="So that a colleague can judge it later"
        value={reason}
        error={trouble || null}
        data-autofocus
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <FormEnd>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" color="red" loading={busy}>
          Block
        </Button>
      </FormEnd>
    </form>
  );
}
