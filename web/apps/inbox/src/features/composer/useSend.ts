import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Attachment, Head, TimelinePage } from "@/api/types";
import { applyAnswer } from "@/data/commands";
import { keys } from "@/data/keys";
import { addNote, sendReply, type Then } from "@/data/writing";
import type { ComposerMode } from "@/lib/desk";
import { personName } from "@/lib/person";
import type { Recipients } from "@/lib/recipients";
import { SendKey } from "@/lib/send-key";
import { agoInWords, untilLabel } from "@/lib/time";
import { toast } from "@/ui/toast";
import { outgoingHtml } from "./outgoing";

export interface Letter {
  html: string;
  recipients: Recipients;
  attachments: Attachment[];
  /** Images in the text; those taken out again stay behind. */
  inline: Attachment[];
  mentions: string[];
}

export interface Trouble {
  words: string;
  /** Somebody wrote meanwhile: sending again goes through. */
  newer: boolean;
}

interface Sending {
  busy: boolean;
  trouble: Trouble | null;
  clearTrouble: () => void;
  /** True when it went. */
  send: (letter: Letter, then?: Then) => Promise<boolean>;
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
  const key = useRef(new SendKey());

  const seenSeq = (): number =>
    client.getQueryData<TimelinePage>(keys.timeline(head.id))?.items.at(-1)?.seq ?? head.seq;

  const newerWords = async (): Promise<string> => {
    await client.refetchQueries({ queryKey: keys.timeline(head.id) });
    const entries = client.getQueryData<TimelinePage>(keys.timeline(head.id))?.items ?? [];
    const last = entries.findLast((entry) => entry.type === "CustomerReplied");
    const name = personName(head);
    const when = last ? agoInWords(last.at, new Date()) : "just now";
    return `${name} wrote again ${when}: read it first, or send anyway.`;
  };

  const post = async (letter: Letter, then: Then | undefined): Promise<void> => {
    const { html, cids } = outgoingHtml(letter.html);
    if (mode === "note") {
      const note = { html, mentions: letter.mentions };
      applyAnswer(client, await addNote(head.id, note, key.current.for(note)));
      return;
    }
    const attachments = [
      ...letter.attachments,
      ...letter.inline.filter((file) => cids.has(file.content_id ?? "")),
    ];
    const reply = { html, ...letter.recipients, attachments, then, seen_seq: seenSeq() };
    applyAnswer(client, await sendReply(head.id, reply, key.current.for(reply)));
    key.current = new SendKey();
  };

  const send = async (letter: Letter, then?: Then): Promise<boolean> => {
    setBusy(true);
    setTrouble(null);
    try {
      await post(letter, then);
      const said = saidAfter(then);
      if (said) toast(said);
      return true;
    } catch (error) {
      const newer = error instanceof ApiError && error.code === "newer_message";
      setTrouble({ words: newer ? await newerWords() : sentenceOf(error), newer });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, clearTrouble: () => setTrouble(null), send };
}
