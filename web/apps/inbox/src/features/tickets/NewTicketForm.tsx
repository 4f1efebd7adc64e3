import { Button, Select, TextInput } from "@mantine/core";
import { IconMessages, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Entered } from "@/api/drafts";
import type { TicketHead, TicketType } from "@/api/tickets";
import type { Head } from "@/api/types";
import { useNames } from "@/data/directory";
import { addLink, askedBy, type Fields, submitTicket } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { aboutConversation } from "@/lib/draft-place";
import { personName } from "@/lib/person";
import { isNothing } from "@/parts/drafts/letters";
import { Saved } from "@/parts/drafts/Saved";
import { useDraft } from "@/parts/drafts/useDraft";
import { goOnAt } from "@/parts/drafts/useKeeper";
import { StateMark } from "@/parts/tickets/StateMark";
import { TicketFields, wrongFields } from "@/parts/tickets/TicketFields";
import shared from "@/parts/tickets/tickets.module.css";
import { BrandDot } from "@/ui/Brand";
import { IconButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import { entered, withEntered } from "./entered";
import { FormFoot, submitOnKeys } from "./FormFoot";
import classes from "./forms.module.css";
import { TypeTiles, useWhoAndWhen } from "./TypeTiles";

export interface NewTicketProps {
  /** The conversation that is open, when the ticket is for it. */
  head?: Head | undefined;
  open: (ticket: TicketHead) => void;
}

/** What the conversation says already: an order number in its subject or first words. */
export function knownFields(head: Head | undefined): Fields {
  const order = /(?:order|#)\s*#?\s*([A-Z]{0,4}-?\d{3,12})\b/i.exec(
    `${head?.subject ?? ""} ${head?.description ?? ""}`,
  );
  return order?.[1] ? { order: order[1] } : {};
}

interface FormProps extends NewTicketProps {
  typeId: string | null;
  close: () => void;
}

const OF_NONE = { about: "", box: "new-ticket" } as const;

const textOf = (value: Entered | undefined): string | null => (typeof value === "string" ? value : null);

export default function NewTicketForm({ head, typeId, close, open }: FormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const types = names.ticketTypes.filter((type) => type.active);
  const draft = useDraft(head ? { about: aboutConversation(head.id), box: "ticket" } : OF_NONE);
  const { text: title, fields: written } = draft.letter;
  /** The one it was opened for, until another is chosen. */
  const [asked, setAsked] = useState(typeId);
  const chosen = asked ?? textOf(written.type_id);
  const type = types.find((each) => each.type_id === chosen);
  const brandId = textOf(written.brand_id);
  const known = knownFields(head);
  const values = withEntered(known, written);
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [trouble, setTrouble] = useState("");
  const [existing, setExisting] = useState<TicketHead | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const done = (ticket: TicketHead, words: string): void => {
    close();
    toast(words, { label: "Open", run: () => open(ticket) });
  };

  const submit = async (): Promise<void> => {
    if (!type || busy) return;
    const body = {
      type_id: type.type_id,
      title: title.trim(),
      fields: askedBy(type, values),
      conversation_id: head?.id ?? null,
      brand_id: head ? null : brandId,
    };
    setBusy(true);
    setTrouble("");
    setWrong({});
    setExisting(null);
    try {
      await draft.send(async () => {
        const ticket = await submitTicket(client, body, draft.key(body));
        done(ticket, `${type.name} #${ticket.number} submitted`);
      });
    } catch (error) {
      if (error instanceof ApiError) {
        setWrong(wrongFields(error.fields));
        if (error.code === "ticket_exists" && error.existing) setExisting(error.existing as TicketHead);
      }
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };

  const linkExisting = async (ticket: TicketHead): Promise<void> => {
    if (!head) return open(ticket);
    setBusy(true);
    try {
      await addLink(client, head.id, { ticket_id: ticket.id });
      draft.discard();
      done(ticket, `Linked to #${ticket.number}`);
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };

  const choose = (next: string): void => {
    setAsked(null);
    draft.enter({ type_id: next });
    setWrong({});
    setTrouble("");
    setExisting(null);
  };
  const goOnWithout = (): void => {
    if (!isNothing(draft.letter)) goOnAt(OF_NONE, draft.letter);
    draft.discard();
    desk.set({ newTicket: { conversationId: null, typeId: chosen } });
  };
  // Where the hand goes first: a ticket names itself by its fields, a tracker does not.
  const first = type?.kind === "tracker" ? undefined : type?.fields.find(({ id }) => !values[id])?.id;

  const begun = type !== undefined;
  // The tile that was chosen is gone, and the focus with it.
  useEffect(() => {
    if (begun) form.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, [begun]);

  return (
    <form
      ref={form}
      className={`${shared.form} ${classes.form}`}
      noValidate
      onKeyDown={submitOnKeys}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {head && (
        <p className={classes.about}>
          <IconMessages size={15} aria-hidden />
          <span className="sb-truncate" title={head.subject}>
            For <bdi>{personName(head)}</bdi>
            {head.subject && (
              <>
                {" — "}
                <bdi>{head.subject}</bdi>
              </>
            )}
          </span>
          <IconButton label="Not for this conversation" onClick={goOnWithout}>
            <IconX size={14} />
          </IconButton>
        </p>
      )}
      {!type && <TypeTiles types={types} choose={choose} />}
      {type && (
        <>
          <div className={shared.fields}>
            <Select
              label="Type"
              data={types.map((each) => ({ value: each.type_id, label: each.name }))}
              value={chosen}
              onChange={(next) => next && choose(next)}
              allowDeselect={false}
              leftSection={<span className={classes.typeDot} style={{ background: type.color }} />}
            />
            {!head && (
              <Select
                label="Brand"
                placeholder="All brands"
                clearable
                data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
                value={brandId}
                onChange={(next) => draft.enter({ brand_id: next ?? undefined })}
                leftSection={brandId && <BrandDot brand={names.brand(brandId)} />}
              />
            )}
            <div data-wide>
              <TextInput
                label="Title"
                placeholder={
                  type.kind === "tracker" ? "What goes wrong?" : `${type.name} and what it is about`
                }
                withAsterisk={type.kind === "tracker"}
                value={title}
                onChange={(event) => draft.change({ text: event.currentTarget.value })}
                data-autofocus={!first || undefined}
                dir="auto"
              />
            </div>
          </div>
          <hr />
          <TicketFields
            key={type.type_id}
            definitions={type.fields}
            values={values}
            wrong={wrong}
            onChange={(next) => draft.enter({ type_id: type.type_id, ...entered(known, next) })}
            first={first}
          />
        </>
      )}
      {existing && (
        <div className={classes.existing}>
          <div>
            <b className="sb-truncate" title={existing.title}>
              #{existing.number} <bdi>{existing.title}</bdi>
            </b>
            <StateMark state={existing.state} />
          </div>
          <Button variant="light" loading={busy} onClick={() => void linkExisting(existing)}>
            {head ? "Link this one" : "Open it"}
          </Button>
        </div>
      )}
      {draft.notice}
      {type && (
        <FormFoot
          saved={!isNothing(draft.letter) && <Saved kept={draft.kept} discard={draft.discard} />}
          note={<Follows type={type} />}
          trouble={trouble}
          act="Submit"
          busy={busy}
          disabled={type.kind === "tracker" && !title.trim()}
          cancel={close}
        />
      )}
    </form>
  );
}

/** Who will have it, and by when. */
function Follows({ type }: { type: TicketType }): ReactNode {
  const words = useWhoAndWhen()(type);
  return words && <p>{words}</p>;
}
