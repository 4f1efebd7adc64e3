import { Button, Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import type { TicketHead, TicketType } from "@/api/tickets";
import { type Fields, ticketCommands } from "@/data/tickets";
import { useAttempt } from "@/lib/attempt";
import { aboutTicket } from "@/lib/draft-place";
import { SendKey } from "@/lib/send-key";
import { isNothing } from "@/parts/drafts/letters";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { TicketFields, wrongFields } from "@/parts/tickets/TicketFields";
import shared from "@/parts/tickets/tickets.module.css";
import { toast } from "@/ui/toast";
import { entered, withEntered } from "./entered";
import classes from "./tickets.module.css";
import { UpdateFields, updateOf } from "./UpdateFields";

interface ResolveProps {
  ticket: TicketHead;
  type: TicketType | undefined;
  opened: boolean;
  close: () => void;
}

/** What resolving needs: how it turned out; for a tracker, what those who reported it are told. */
export function Resolve({ ticket, type, opened, close }: ResolveProps): ReactNode {
  return (
    <Modal opened={opened} onClose={close} title={`Resolve #${ticket.number}`} size={520} centered>
      {opened && type && <Form key={ticket.id} ticket={ticket} type={type} close={close} />}
    </Modal>
  );
}

function Form({
  ticket,
  type,
  close,
}: {
  ticket: TicketHead;
  type: TicketType;
  close: () => void;
}): ReactNode {
  const client = useQueryClient();
  const draft = useDraft({ about: aboutTicket(ticket.id), box: "resolve" });
  const known: Fields = Object.fromEntries(ticket.fields.map((field) => [field.id, field.value]));
  const values = withEntered(known, draft.letter.fields);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const { busy, trouble, attempt } = useAttempt();
  const key = useRef(new SendKey());
  const asked = type.fields.filter((field) => field.needed === "to_resolve");
  const resolve = (): Promise<void> =>
    attempt(
      async () => {
        const update = updateOf(draft.letter);
        const told = { fields: values, ...(update.html && { update }) };
        await draft.send(() =>
          ticketCommands(client, ticket.id).move("resolved", told, key.current.for(told)),
        );
        close();
        toast("Resolved");
      },
      (error) => {
        if (error instanceof ApiError) setWrong(wrongFields(error.fields));
      },
    );
  return (
    <form
      className={shared.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void resolve();
      }}
    >
      <TicketFields
        definitions={asked}
        values={values}
        wrong={wrong}
        onChange={(next) => draft.enter(entered(known, next))}
        resolving
        disabled={busy}
      />
      {ticket.kind === "tracker" && <UpdateFields ticket={ticket} draft={draft} disabled={busy} />}
      {draft.notice}
      <div className={classes.submit}>
        <p role="alert">{trouble}</p>
        {!isNothing(draft.letter) && <Saved kept={draft.kept} discard={draft.discard} />}
        <Button type="submit" loading={busy}>
          Resolve
        </Button>
      </div>
    </form>
  );
}
