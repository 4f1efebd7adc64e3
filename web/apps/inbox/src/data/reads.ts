/**
 * Up to where conversations were read here. No live news tells of reading, and an answer that was asked for before it
 * may come after, with the conversation unread: what is remembered says better.
 */
import { type InfiniteData, replaceEqualDeep } from "@tanstack/react-query";
import { signedInId } from "@/api/client";
import type { ConversationPage, ConversationRow } from "@/api/types";
import { withUndecided } from "./undecided";

type Lists = InfiniteData<ConversationPage, string>;

const AT_MOST = 500;
let reads = { agentId: "", upTo: new Map<string, number>() };

/** Of who is signed in: the next one at this window has read other things. */
function own(): Map<string, number> {
  const agentId = signedInId();
  if (reads.agentId !== agentId) reads = { agentId, upTo: new Map() };
  return reads.upTo;
}

export function rememberRead(id: string, seq: number): void {
  const upTo = own();
  const before = upTo.get(id) ?? 0;
  upTo.delete(id);
  upTo.set(id, Math.max(before, seq));
  const [oldest] = upTo.keys();
  if (upTo.size > AT_MOST && oldest !== undefined) upTo.delete(oldest);
}

/** It is unread again, or the server was never told. */
export function forgetRead(id: string): void {
  own().delete(id);
}

/** The row of an answer, with what was done here meanwhile, and read where it was read here. */
export function asRead(answered: ConversationRow): ConversationRow {
  const row = withUndecided(answered);
  const upTo = own().get(row.head.id) ?? 0;
  return row.unread && row.head.seq <= upTo ? { ...row, unread: false } : row;
}

function asReadPage(page: ConversationPage): ConversationPage {
  const items = page.items.map(asRead);
  return items.every((row, at) => row === page.items[at]) ? page : { ...page, items };
}

/**
 * What the cache takes in place of `now`: settled only here, as the first page of a long list is answered well before
 * the last. Pages that are shown already are not looked through again.
 */
export function readList(before: unknown, now: unknown): Lists {
  const [shown, news] = [before as Lists | undefined, now as Lists];
  const pages = news.pages.map((page, at) => (page === shown?.pages[at] ? page : asReadPage(page)));
  return replaceEqualDeep(before, { ...news, pages }) as Lists;
}

export const readRow = (before: unknown, now: unknown): ConversationRow =>
  replaceEqualDeep(before, asRead(now as ConversationRow)) as ConversationRow;
