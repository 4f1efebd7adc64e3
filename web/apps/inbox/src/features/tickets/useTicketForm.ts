/** A ticket's own form: its draft over what the ticket says, and how it is saved. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { TicketHead, TicketType } from "@/api/tickets";
import { applyTicket } from "@/data/ticket-shown";
import { ticketCommands } from "@/data/tickets";
import type { FormDraft } from "@/parts/drafts/useDraft";
import { isOf, stillSays, type Wrong, wrongOf } from "@/parts/settings/useEdit";
import {
  type Clashing,
  clashing,
  edited,
  type Form,
  formOf,
  type Kept,
  saysTheSame,
  without,
} from "./edited";

export interface TicketEditing {
  form: Form;
  write: (part: Partial<Form>) => void;
  /** Whether anything would be kept otherwise than it is. */
  changed: boolean;
  busy: boolean;
  wrong: Wrong;
  /** What went wrong besides the form's own fields; empty when nothing did. */
  trouble: string;
  /** What somebody else changed under what is written here: nothing is saved until it is said what shall stay. */
  clashes: readonly Clashing[];
  takeTheirs: () => void;
  save: () => Promise<void>;
  /** Also over what somebody else changed. */
  saveMine: () => Promise<void>;
  /** Leave it as the ticket is. */
  leave: () => void;
}

/** `done`: it was saved, or is left; who has gone on writing while it was saved stays in it. */
export function useTicketForm(
  shown: TicketHead,
  type: TicketType,
  draft: FormDraft,
  done: () => void,
): TicketEditing {
  const client = useQueryClient();
  /** As an answer of its own told of it: on the screen it may come later. */
  const [told, setTold] = useState(shown);
  const ticket = told.seq > shown.seq ? told : shown;
  const [refused, setRefused] = useState<{ error: unknown; form: Form } | null>(null);
  const [busy, setBusy] = useState(false);
  const wroteOn = useRef(false);
  const kept = draft.letter.fields;
  const latest = useRef(kept);
  latest.current = kept;
  const form = formOf(ticket, type, kept);
  const changed = !saysTheSame(form, formOf(ticket, type));
  const clashes = busy ? [] : clashing(ticket, type, kept);
  const error = refused?.error ?? null;
  const isPlaced = error instanceof ApiError && error.fields.some(({ path }) => isOf(path, form));

  const leave = (): void => {
    draft.discard();
    setRefused(null);
    done();
  };

  /** Over `seen`, and over what came after it where that clashes with nothing here. */
  const fill = async (seen: TicketHead, mine: Kept): Promise<TicketHead> => {
    const { title, fields } = formOf(seen, type, mine);
    const body = { title: title.trim(), fields, seen_seq: seen.seq };
    try {
      return await ticketCommands(client, ticket.id).fill(body, draft.key(body));
    } catch (why) {
      const newer = newerOf(why, seen);
      if (!newer) throw why;
      applyTicket(client, newer);
      setTold(newer);
      if (clashing(newer, type, mine).length > 0) throw why;
      return fill(newer, mine);
    }
  };

  const submit = async (mine: Kept): Promise<void> => {
    setBusy(true);
    setRefused(null);
    wroteOn.current = false;
    try {
      let saved = ticket;
      await draft.send(async () => {
        saved = await fill(ticket, mine);
      });
      setTold(saved);
      if (wroteOn.current) draft.enter(edited(saved, formOf(saved, type, latest.current), {}));
      else done();
    } catch (why) {
      setRefused({ error: why, form: formOf(ticket, type, mine) });
    } finally {
      setBusy(false);
    }
  };

  return {
    form,
    write: (part) => {
      wroteOn.current = true;
      draft.enter(edited(ticket, { ...form, ...part }, kept));
    },
    changed,
    busy,
    wrong: wrongOf(error, refused ? stillSays(refused.form, form) : undefined),
    trouble: error !== null && clashes.length === 0 && !isPlaced ? sentenceOf(error) : "",
    clashes,
    takeTheirs: () => {
      setRefused(null);
      draft.enter(without(clashes));
    },
    save: async () => {
      if (busy || clashes.length > 0) return;
      if (changed) await submit(kept);
      else leave();
    },
    saveMine: async () => {
      const mine = edited(ticket, form, {});
      draft.enter(mine);
      await submit(defined(mine));
    },
    leave,
  };
}

const defined = (fields: ReturnType<typeof edited>): Kept =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** The ticket as somebody made it after `seen`; null: it was refused for something else. */
function newerOf(error: unknown, seen: TicketHead): TicketHead | null {
  if (!(error instanceof ApiError) || error.code !== "changed_meanwhile") return null;
  const newer = error.existing as TicketHead | null;
  return newer && newer.seq > seen.seq ? newer : null;
}
