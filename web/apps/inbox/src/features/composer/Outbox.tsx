import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { HeldReply } from "@/api/drafts";
import { outboxQuery, showDraft, takeBack } from "@/data/drafts";
import { keys } from "@/data/keys";
import { write } from "@/lib/desk";
import { aboutConversation } from "@/lib/draft-place";
import { flushed } from "@/parts/drafts/useKeeper";
import { toast, toastUntil, toastWhile } from "@/ui/toast";

/** After its seconds a reply has left, or could not: a little later the server knows which. */
const KNOWN_AFTER_MS = 2500;

const WORDS = { close: "Sending and closing", snooze: "Sending and snoozing", none: "Sending" };

const sending = (held: HeldReply): string =>
  `${WORDS[held.then ?? "none"]}: your reply to ${held.contact_name || "the customer"}`;

/** Replies that wait a moment, each with Undo; and those that could not leave. On every page load and device. */
export default function Outbox({ open }: { open: (conversationId: string) => void }): ReactNode {
  const client = useQueryClient();
  const { data } = useQuery(outboxQuery);
  const shown = useRef(new Map<string, () => void>());
  const opening = useRef(open);
  opening.current = open;
  useEffect(() => {
    const undo = (held: HeldReply): void =>
      void takenBack(client, held).then((back) => back && opening.current(held.conversation_id));
    for (const held of data ?? []) {
      const name = `${held.id} ${Boolean(held.problem)}`;
      if (shown.current.has(name)) continue;
      const { problem } = held;
      const words = `Your reply to ${held.contact_name || "the customer"} wasn’t sent. ${problem}`;
      const dismiss = problem
        ? toastUntil(words, { label: "Edit it", run: () => undo(held) })
        : toastWhile(sending(held), { label: "Undo", run: () => undo(held) }, held.left_s * 1000);
      shown.current.set(name, dismiss);
    }
  }, [data, client]);
  useAskAgain(client, data);
  return null;
}

/** Once the last one's seconds are over, ask what became of them. */
function useAskAgain(client: QueryClient, held: HeldReply[] | undefined): void {
  useEffect(() => {
    const waiting = (held ?? []).filter((each) => !each.problem);
    if (waiting.length === 0) return;
    const last_ms = Math.max(...waiting.map((each) => each.left_s)) * 1000;
    const timer = setTimeout(
      () => void client.invalidateQueries({ queryKey: keys.outbox }),
      last_ms + KNOWN_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [held, client]);
}

/** The reply is a draft again, with what was written since. False when it had left. */
async function takenBack(client: QueryClient, held: HeldReply): Promise<boolean> {
  try {
    await flushed({ about: aboutConversation(held.conversation_id), box: "reply" });
    const { conversation_id, draft } = await takeBack(held.id);
    showDraft(client, { about: aboutConversation(conversation_id), box: "reply" }, draft);
    client.setQueryData<HeldReply[]>(keys.outbox, (now) => now?.filter((each) => each.id !== held.id));
    write("reply", conversation_id);
    return true;
  } catch (error) {
    const left = error instanceof ApiError && error.code === "not_held";
    toast(left ? "Too late: it has been sent." : `Not taken back. ${sentenceOf(error)}`, undefined, "error");
    if (left) void client.invalidateQueries({ queryKey: keys.outbox });
    return false;
  }
}
