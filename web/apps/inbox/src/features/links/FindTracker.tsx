import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { TicketHead } from "@/api/tickets";
import type { Head } from "@/api/types";
import { useMay, useNames } from "@/data/directory";
import { addLink, trackersQuery } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { onEscape } from "@/lib/keys";
import { useEnter } from "@/lib/useEnter";
import { toast } from "@/ui/toast";
import classes from "./links.module.css";

/** Find a tracker by words or number, and link the conversation to it: one more report. */
export function FindTracker({ head, done }: { head: Head; done: () => void }): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayTicket = useMay("tickets.write");
  const [words, setWords] = useState("");
  const [rested] = useDebouncedValue(words, 150);
  const [hurried, setHurried] = useState("");
  const asked = hurried === words ? words : rested;
  const { data, isFetching, isPending, isPlaceholderData } = useQuery({
    ...trackersQuery(asked),
    placeholderData: (before) => before,
  });
  const [at, setAt] = useState(0);
  const tracker = names.ticketTypes.find((type) => type.active && type.kind === "tracker");
  const found = data ?? [];

  const link = async (ticket: TicketHead): Promise<void> => {
    done();
    try {
      await addLink(client, head.id, { ticket_id: ticket.id });
      toast(`Linked to #${ticket.number} ${ticket.title}`);
    } catch (error) {
      toast(`Not linked. ${sentenceOf(error)}`, undefined, "error");
    }
  };

  const isThere = asked === words && !isPending && !isPlaceholderData;
  const enter = useEnter(words, isThere, () => {
    const ticket = found[at];
    if (ticket) void link(ticket);
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    onEscape(done)(event);
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) event.preventDefault();
    if (step && found.length && isThere) setAt((found.length + at + step) % found.length);
    if (event.key === "Enter") {
      setHurried(words);
      enter.press();
    }
  };

  return (
    <div className={classes.find}>
      <input
        // biome-ignore lint/a11y/noAutofocus: it opened because somebody asked for it
        autoFocus
        aria-label="Find a tracker"
        placeholder="Find a tracker by words or number…"
        value={words}
        onKeyDown={onKeyDown}
        onBlur={enter.forget}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
      />
      <div role="listbox" aria-label="Trackers">
        {found.map((ticket, index) => (
          <button
            key={ticket.id}
            type="button"
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            className={classes.option}
            onPointerMove={() => setAt(index)}
            onClick={() => void link(ticket)}
          >
            <span className={classes.titled} title={ticket.title}>
              <span className={`${classes.number} sb-number`}>#{ticket.number}</span>
              <bdi className="sb-truncate">{ticket.title}</bdi>
            </span>
            <span className={`${classes.reports} sb-number`} title={`${ticket.report_count} reports`}>
              {ticket.report_count}
            </span>
          </button>
        ))}
      </div>
      {found.length === 0 && !isFetching && <p className={classes.none}>No open tracker is called that.</p>}
      {tracker && mayTicket && (
        <button
          type="button"
          className={classes.add}
          onClick={() => {
            done();
            desk.set({ newTicket: { conversationId: head.id, typeId: tracker.type_id } });
          }}
        >
          <IconPlus size={14} /> New tracker
        </button>
      )}
    </div>
  );
}
