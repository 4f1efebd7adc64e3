import { Checkbox, Radio, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TicketHead } from "@/api/tickets";
import { ticketConversationsQuery, type Update } from "@/data/tickets";
import { paragraphs } from "@/lib/paragraphs";
import { showHandle } from "@/lib/person";
import classes from "./forms.module.css";

export const emptyUpdate = (): Update => ({ html: "", reply: "none", conversation_ids: [] });
export const isEmptyUpdate = (update: Update): boolean => update.html === "";

interface UpdateFieldsProps {
  ticket: TicketHead;
  value: Update;
  onChange: (value: Update) => void;
}

/** What those who reported it are told, and whether their customers are answered with it. */
export function UpdateFields({ ticket, value, onChange }: UpdateFieldsProps): ReactNode {
  const reports = ticket.report_count;
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
        autosize
        minRows={3}
        maxRows={10}
        onChange={(event) => onChange({ ...value, html: paragraphs(event.currentTarget.value) })}
      />
      {reports > 0 && (
        <Radio.Group
          aria-label="Answer customers"
          value={value.reply}
          onChange={(reply) => onChange({ ...value, reply: reply as Update["reply"], conversation_ids: [] })}
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
      {value.reply === "chosen" && <Chosen ticket={ticket} value={value} onChange={onChange} />}
    </div>
  );
}

function Chosen({ ticket, value, onChange }: UpdateFieldsProps): ReactNode {
  const { data } = useQuery(ticketConversationsQuery(ticket.id));
  return (
    <div className={`${classes.chosen} sb-scroll`}>
      {data?.items.map((one) => (
        <Checkbox
          key={one.id}
          label={`${showHandle(one.contact_name)}${one.subject ? ` — ${one.subject}` : ""}`}
          disabled={one.channel === "phone"}
          checked={value.conversation_ids.includes(one.id)}
          onChange={(event) => {
            const others = value.conversation_ids.filter((id) => id !== one.id);
            onChange({
              ...value,
              conversation_ids: event.currentTarget.checked ? [...others, one.id] : others,
            });
          }}
        />
      ))}
    </div>
  );
}
