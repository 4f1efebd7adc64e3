import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { MacroAction } from "@/api/macros";
import type { Attachment, Head, TimelinePage } from "@/api/types";
import { keys } from "@/data/keys";
import { deliver } from "@/data/queue";
import { type Note, notePath, type Reply, replyPath, type Then } from "@/data/writing";
import type { ComposerMode } from "@/lib/desk";
import { personName } from "@/lib/person";
import type { Recipients } from "@/lib/recipients";
import { SendKey } from "@/lib/send-key";
import { agoInWords, untilLabel } from "@/lib/time";
import type { Sent, Unsaved } from "@/parts/drafts/keeper";
import { toast } from "@/ui/toast";
import { beginning } from "./outgoing";

/** Images in the text stand there by their content id, and are among the attachments. */
export interface Outgoing {
  html: string;
  recipients: Recipients;
  attachments: Attachment[];
  mentions: string[];
  /** Of the macros that it was written with. */
  actions: MacroAction[];
}

/** Before a team's id, where agents' ids stand as well. */
export const TEAM = "team:";
const isTeam = (id: string): boolean => id.startsWith(TEAM);

export interface Trouble {
  words: string;
  /** Somebody wrote meanwhile: sending again goes through. */
  newer: boolean;
}

interface Sending {
  busy: boolean;
  trouble: Trouble | null;
  clearTrouble: () => void;
  /**
   * `draft` is what it comes from, to come back to it. `refusing` is told of a refusal at once, before its reason is
   * found out. "waits": kept here until it can be sent.
   */
  send: (letter: Outgoing, draft: Unsaved, refusing: () => void, then?: Then) => Promise<Sent<Trouble>>;
  /** Said of a refusal where the box is gone, before the reason. */
  refused: string;
}

function saidAfter(then: Then | undefined): string | null {
  if (then?.kind === "close") return "Sent and closed";
  if (then?.kind === "snooze") return `Sent, snoozed until ${untilLabel(then.until, new Date())}`;
  return null;
}

/** Sending a reply or a note: once, whatever the network does; a newer message of the customer is shown first. */
export function useSend(head: Head, mode: ComposerMode): Sending {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const next = useRef(new SendKey());

  const refused =
    mode === "note" ? "Your note wasn’t added." : `Your reply to ${personName(head)} wasn’t sent.`;

  const seenSeq = (): number =>
    client.getQueryData<TimelinePage>(keys.timeline(head.id))?.items.at(-1)?.seq ?? head.seq;

  const newerWords = async (error: ApiError): Promise<string> => {
    await client.refetchQueries({ queryKey: keys.timeline(head.id) });
    const entries = client.getQueryData<TimelinePage>(keys.timeline(head.id))?.items ?? [];
    if (!error.message.startsWith("The customer")) {
      return error.message.replace("Read it, then send once more.", "Read it first, or send anyway.");
    }
    const last = entries.findLast((entry) => entry.type === "CustomerReplied");
    const name = personName(head);
    const when = last ? agoInWords(last.at, new Date()) : "just now";
    return `${name} wrote again ${when}: read it first, or send anyway.`;
  };

  const post = async (
    letter: Outgoing,
    draft: Unsaved,
    then: Then | undefined,
  ): Promise<"sent" | "held" | "waits"> => {
    const { html, attachments, recipients, mentions, actions } = letter;
    const written = { mode, rev: draft.rev, letter: draft.letter, begins: beginning(html) };
    const conversationId = head.id;
    if (mode === "note") {
      const teams = mentions.filter(isTeam).map((id) => id.slice(TEAM.length));
      const body: Note = { html, mentions: mentions.filter((id) => !isTeam(id)), teams, attachments };
      const key = next.current.for(body);
      const answer = await deliver(client, {
        key,
        conversationId,
        path: notePath(head.id),
        body,
        refused,
        written,
      });
      next.current = new SendKey();
      return answer ? "sent" : "waits";
    }
    const seen_seq = trouble?.newer ? null : seenSeq();
    const body: Reply = { html, ...recipients, attachments, then, seen_seq, hold: true, actions };
    const key = next.current.for(body);
    const answer = await deliver(client, {
      key,
      conversationId,
      path: replyPath(head.id),
      body,
      refused,
      written,
    });
    next.current = new SendKey();
    if (!answer) return "waits";
    return answer.held ? "held" : "sent";
  };

  const send = async (
    letter: Outgoing,
    draft: Unsaved,
    refusing: () => void,
    then?: Then,
  ): Promise<Sent<Trouble>> => {
    setBusy(true);
    setTrouble(null);
    try {
      const came = await post(letter, draft, then);
      const said = saidAfter(then);
      if (said && came === "sent") toast(said);
      return came === "waits" ? "waits" : "sent";
    } catch (error) {
      refusing();
      const newer = error instanceof ApiError && error.code === "newer_message";
      const why = { words: newer ? await newerWords(error) : sentenceOf(error), newer };
      setTrouble(why);
      return why;
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, clearTrouble: () => setTrouble(null), send, refused };
}
