import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError } from "@/api/client";
import type { TicketHead, TicketType } from "@/api/tickets";
import { askedBy, filledIn, ticketCommands } from "@/data/tickets";
import { useAttempt } from "@/lib/attempt";
import { aboutTicket } from "@/lib/draft-place";
import { useNarrow } from "@/lib/useNarrow";
import { isNothing } from "@/parts/drafts/letters";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { TicketFields, wrongFields } from "@/parts/tickets/TicketFields";
import shared from "@/parts/tickets/tickets.module.css";
import { toast } from "@/ui/toast";
import { entered, withEntered } from "./entered";
import { FormFoot, submitOnKeys } from "./FormFoot";
import classes from "./forms.module.css";
import { UpdateFields, updateOf } from "./UpdateFields";

interface ResolveProps {
  ticket: TicketHead;
  type: TicketType | undefined;
  opened: boolean;
  close: () => void;
}

/** What resolving needs: how it turned out; for a tracker, what those who reported it are told. */
export function Resolve({ ticket, type, opened, close }: ResolveProps): ReactNode {
  const narrow = useNarrow();
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={`Resolve #${ticket.number}`}
      size={560}
      fullScreen={narrow === true}
    >
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
  const known = filledIn(ticket);
  const values = withEntered(known, draft.letter.fields);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const { busy, trouble, attempt } = useAttempt();
  const asked = type.fields.filter((field) => field.needed === "to_resolve");
  const message = type.customer.find(({ state }) => state === "resolved")?.message;
  const resolve = (): Promise<void> =>
    attempt(
      async () => {
        const update = updateOf(draft.letter);
        const told = { fields: askedBy(type, values), ...(update.html && { update }) };
        await draft.send(() => ticketCommands(client, ticket.id).resolve(told, draft.key(told)));
        close();
        toast("Resolved");
      },
      (error) => {
        if (error instanceof ApiError) setWrong(wrongFields(error.fields));
      },
    );
  return (
    <form
      className={`${shared.form} ${classes.form}`}
      noValidate
      onKeyDown={submitOnKeys}
      onSubmit={(event) => {
        event.preventDefault();
        void resolve();
      }}
    >
      <p className={classes.about}>
        <span className={classes.typeDot} style={{ background: type.color }} />
        <bdi className="sb-truncate" title={ticket.title}>
          {ticket.title}
        </bdi>
      </p>
      <TicketFields
        definitions={asked}
        values={values}
        wrong={wrong}
        onChange={(next) => draft.enter(entered(known, next))}
        resolving
        disabled={busy}
        first={asked[0]?.id}
      />
      {ticket.kind === "tracker" && <UpdateFields ticket={ticket} draft={draft} disabled={busy} />}
      {message && ticket.report_count > 0 && (
        <p className={classes.told}>
          <b>{ticket.report_count === 1 ? "The customer is told" : "The customers are told"}</b>
          <span dir="auto">{message}</span>
        </p>
      )}
      {draft.notice}
      <FormFoot
        saved={!isNothing(draft.letter) && <Saved kept={draft.kept} discard={draft.discard} />}
        trouble={trouble}
        act="Resolve"
        busy={busy}
        cancel={close}
      />
    </form>
  );
}
