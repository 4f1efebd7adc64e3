import { Checkbox, Radio, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TicketHead } from "@/api/tickets";
import type { Letter } from "@/data/drafts";
import { ticketConversationsQuery, type Update } from "@/data/tickets";
import { paragraphs } from "@/lib/paragraphs";
import { showHandle } from "@/lib/person";
import type { FormDraft } from "@/parts/drafts/useDraft";
import classes from "./forms.module.css";

const REPLIES = ["none", "all", "chosen"] as const;

/** What is posted of what was written; `html` empty: nothing is. */
export function updateOf({ text, fields }: Letter): Update {
  const chosen = fields.conversation_ids;
  return {
    html: paragraphs(text),
    reply: REPLIES.find((reply) => reply === fields.reply) ?? "none",
    conversation_ids: Array.isArray(chosen) ? chosen : [],
  };
}

interface UpdateFieldsProps {
  ticket: TicketHead;
  draft: Pick<FormDraft, "letter" | "change" | "enter">;
  /** While it is being posted. */
  disabled: boolean;
  /** The cursor begins in it. */
  autoFocus?: boolean;
}

/** What those who reported it are told, and whether their customers are answered with it. */
export function UpdateFields({ ticket, draft, disabled, autoFocus = false }: UpdateFieldsProps): ReactNode {
  const reports = ticket.report_count;
  const { reply } = updateOf(draft.letter);
  return (
    <div className={classes.update}>
      <Textarea
        label="Update"
        description={
          reports === 0
            ? "Nobody reported it yet: it stays with the ticket"
            : reports === 1
              ? "Shows on the linked conversation"
              : `Shows on all ${reports.toLocaleString()} linked conversations`
        }
        placeholder="What is new?"
        autoFocus={autoFocus}
        dir="auto"
        autosize
        minRows={3}
        maxRows={10}
        readOnly={disabled}
        value={draft.letter.text}
        onChange={(event) => draft.change({ text: event.currentTarget.value })}
      />
      {reports > 0 && (
        <Radio.Group
          aria-label="Answer customers"
          disabled={disabled}
          value={reply}
          onChange={(next) => draft.enter({ reply: next, conversation_ids: undefined })}
        >
          <Radio value="none" label="Tell colleagues only" />
          <Radio
            value="all"
            label={
              reports === 1
                ? "Answer the customer with it"
                : `Answer all ${reports.toLocaleString()} customers with it`
            }
          />
          <Radio value="chosen" label="Choose who is answered" />
        </Radio.Group>
      )}
      {reply === "chosen" && <Chosen ticket={ticket} draft={draft} disabled={disabled} />}
    </div>
  );
}

function Chosen({ ticket, draft, disabled }: UpdateFieldsProps): ReactNode {
  const ids = updateOf(draft.letter).conversation_ids;
  const { data } = useQuery(ticketConversationsQuery(ticket.id));
  return (
    <div className={`${classes.chosen} sb-scroll`}>
      {data?.items.map((one) => (
        <Checkbox
          key={one.id}
          label={
            <>
              <bdi>{showHandle(one.contact_name)}</bdi>
              {one.subject && (
                <>
                  {" — "}
                  <bdi>{one.subject}</bdi>
                </>
              )}
            </>
          }
          disabled={disabled || one.channel === "phone"}
          checked={ids.includes(one.id)}
          onChange={(event) => {
            const others = ids.filter((id) => id !== one.id);
            draft.enter({ conversation_ids: event.currentTarget.checked ? [...others, one.id] : others });
          }}
        />
      ))}
    </div>
  );
}
