/**
 * Commands on their way: each is kept in this browser before it is sent and until the server has answered it, with
 * its Idempotency-Key. What can't be sent now is sent later, in order, after a reload too.
 */
import type { QueryClient } from "@tanstack/react-query";
import { ApiError, call, OfflineError, sentenceOf, signedInId } from "@/api/client";
import type { ContactAnswer } from "@/api/contacts";
import type { TicketAnswer } from "@/api/tickets";
import type { Answer } from "@/api/types";
import {
  aboutOf,
  type Edit,
  forget,
  hasWords,
  isStuck,
  put,
  type ToContact,
  type ToConversation,
  type ToTicket,
  type Unsent,
  type Waiting,
} from "@/lib/waiting";
import { toast } from "@/ui/toast";
import { applyAnswer, showAgain } from "./answer";
import { applyContact, askForContact, showContactAgain } from "./contact-shown";
import { keys } from "./keys";
import { applyTicketAnswer, askForTicket, showTicketAgain } from "./ticket-shown";
import { queue, refreshQueue, underway } from "./undecided";

const AGAIN_MS = 4000;
/** The server is there and can't now: not a "no". 401: whoever it is has to sign in again first. */
const PASSING = new Set([401, 408, 429, 502, 503, 504]);
/** A proxy says 500 too when what is behind it is gone; the services name their errors. */
const isUnnamed = (error: ApiError): boolean => error.status === 500 && error.code === "";

type AnyAnswer = Answer | TicketAnswer | ContactAnswer;

/** The last that was done to each conversation, ticket or contact and is not answered yet. */
const lasts = new Map<string, Promise<unknown>>();
let draining = false;
let timer: ReturnType<typeof setTimeout> | undefined;

const isPassing = (error: unknown): boolean =>
  error instanceof OfflineError ||
  (error instanceof ApiError && (PASSING.has(error.status) || isUnnamed(error)));

const toSend = (): Waiting[] => queue.get().waiting.filter((entry) => !isStuck(entry));

/** What is never answered would hold up whatever is done to the same after it. */
const ANSWER_WITHIN_MS = 30_000;

const post = (entry: Waiting): Promise<AnyAnswer> =>
  call<AnyAnswer>(entry.path, {
    method: entry.method ?? "POST",
    body: entry.body,
    idempotencyKey: entry.key,
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });

/** Show what it is done to with what is not answered yet, and without what is refused. */
function showEntryAgain(client: QueryClient, entry: Waiting): void {
  if ("ticketId" in entry) showTicketAgain(client, entry.ticketId);
  else if ("contactId" in entry) showContactAgain(client, entry.contactId);
  else showAgain(client, entry.conversationId);
}

function applyAnswerTo(client: QueryClient, entry: Waiting, answer: AnyAnswer): void {
  if ("ticketId" in entry) applyTicketAnswer(client, answer as TicketAnswer);
  else if ("contactId" in entry) applyContact(client, answer as ContactAnswer);
  else applyAnswer(client, answer as Answer);
}

/**
 * Show it as done; send it, once what was done to the same conversation, ticket or contact before is answered, or
 * keep it for later: null. Throws ApiError when the server says no, and shows what it was done to without it again.
 */
export function deliver(
  client: QueryClient,
  command: Omit<ToTicket, "agentId">,
): Promise<TicketAnswer | null>;
export function deliver(
  client: QueryClient,
  command: Omit<ToConversation, "agentId">,
): Promise<Answer | null>;
export function deliver(
  client: QueryClient,
  command: Omit<ToContact, "agentId">,
): Promise<ContactAnswer | null>;
export async function deliver(
  client: QueryClient,
  command: Omit<ToConversation, "agentId"> | Omit<ToTicket, "agentId"> | Omit<ToContact, "agentId">,
): Promise<AnyAnswer | null> {
  const entry: Waiting = { ...command, agentId: signedInId() };
  const about = aboutOf(entry);
  const isKept = put(entry);
  underway.set(entry.key, entry);
  showEntryAgain(client, entry);
  const before = lasts.get(about);
  const send = (): Promise<AnyAnswer | null> => sendOrKeep(client, entry, isKept);
  const sending = before ? before.then(send, send) : send();
  lasts.set(about, sending);
  try {
    const answer = await sending;
    if (answer) applyAnswerTo(client, entry, answer);
    else showEntryAgain(client, entry);
    return answer;
  } catch (error) {
    showEntryAgain(client, entry);
    throw error;
  } finally {
    if (lasts.get(about) === sending) lasts.delete(about);
  }
}

async function sendOrKeep(client: QueryClient, entry: Waiting, isKept: boolean): Promise<AnyAnswer | null> {
  try {
    // Its turn came when somebody else was signed in: it waits for who did it.
    if (entry.agentId !== signedInId()) return null;
    if (isKept && (toSend().length > 0 || !navigator.onLine)) {
      later(client);
      return null;
    }
    const answer = await post(entry);
    forget(entry.key);
    return answer;
  } catch (error) {
    if (isKept && isPassing(error)) {
      later(client);
      return null;
    }
    forget(entry.key);
    throw error;
  } finally {
    underway.delete(entry.key);
    refreshQueue();
  }
}

function later(client: QueryClient): void {
  clearTimeout(timer);
  timer = setTimeout(() => void drain(client), AGAIN_MS);
}

/** Send what waits, one after another; of several tabs one does. */
export async function drain(client: QueryClient): Promise<void> {
  refreshQueue();
  if (draining || !navigator.onLine || toSend().length === 0) return;
  draining = true;
  try {
    await alone(() => sendAll(client));
  } finally {
    draining = false;
    refreshQueue();
    if (toSend().length > 0) later(client);
  }
}

/** Locks are there in secure contexts only; without them two tabs send the same, which changes nothing more. */
const alone = (work: () => Promise<void>): Promise<void> =>
  navigator.locks ? navigator.locks.request("switchboard.queue", work) : work();

async function sendAll(client: QueryClient): Promise<void> {
  for (;;) {
    refreshQueue();
    const [next] = toSend();
    if (!next) return;
    try {
      const answer = await post(next);
      forget(next.key);
      refreshQueue();
      await take(client, next, answer);
    } catch (error) {
      if (isPassing(error)) return;
      refused(client, next, error);
    }
  }
}

/** Show what came of it. */
async function take(client: QueryClient, entry: Waiting, answer: AnyAnswer): Promise<void> {
  applyAnswerTo(client, entry, answer);
  // The server's draft went with what was sent.
  if (entry.written) await client.invalidateQueries({ queryKey: keys.drafts(aboutOf(entry)) });
}

/** Show what it is done to without it, and not only by what is known here. */
function takeBack(client: QueryClient, entry: Waiting): void {
  showEntryAgain(client, entry);
  if ("ticketId" in entry) {
    askForTicket(client, entry.ticketId);
    return;
  }
  if ("contactId" in entry) {
    askForContact(client, entry.contactId);
    return;
  }
  for (const queryKey of [keys.conversation(entry.conversationId), keys.timeline(entry.conversationId)])
    void client.invalidateQueries({ queryKey });
  void client.invalidateQueries({ queryKey: keys.lists });
}

/** A text stays until its author decides; what else was done is undone on the screen. */
function refused(client: QueryClient, entry: Waiting, error: unknown): void {
  const words = sentenceOf(error);
  const newer = error instanceof ApiError && MEANWHILE.has(error.code);
  if (hasWords(entry)) put({ ...entry, trouble: { words, newer } });
  else forget(entry.key);
  refreshQueue();
  takeBack(client, entry);
  toast(`${entry.refused} ${words}`, undefined, "error");
}

/** Somebody else wrote or changed the same since it was made: its author may do it all the same. */
const MEANWHILE = new Set(["newer_message", "changed_meanwhile"]);

/** Another tab changed what waits: what was decided there, a no too, is not to be laid over anything here any more. */
export function queueChanged(client: QueryClient): void {
  const before = queue.get().waiting;
  refreshQueue();
  const there = new Set(toSend().map(({ key }) => key));
  for (const entry of before.filter(({ key }) => !there.has(key))) showEntryAgain(client, entry);
}

/** Out of the queue, into its author's hands. */
export function takeOut(entry: Waiting): void {
  forget(entry.key);
  refreshQueue();
}

/** An edit out of the queue, and off what it was made to. */
export function takeOutEdit(client: QueryClient, entry: Edit): void {
  takeOut(entry);
  showEntryAgain(client, entry);
}

/** A refused edit once more, over what its author has seen by now. */
export function editAnyway(client: QueryClient, entry: Edit, seen: Seen): void {
  anyway(client, entry, seen);
  showEntryAgain(client, entry);
}

/** Once more, though somebody wrote meanwhile. */
export function sendAnyway(client: QueryClient, entry: Unsent): void {
  anyway(client, entry, { seen_seq: null });
}

/** Another command than the one that was refused, made on what its author has seen by now. */
function anyway(client: QueryClient, entry: Waiting, seen: Seen): void {
  forget(entry.key);
  const body = { ...(entry.body as object), ...seen };
  put({ ...entry, body, key: crypto.randomUUID(), trouble: undefined });
  void drain(client);
}

/** As a body says it: the version, or what the fields that it names were. */
export type Seen = { seen_seq: number | null } | { seen: Record<string, unknown> };
