/**
 * Up to where conversations were read here. No live news tells of reading, and an answer that was asked for before it
 * may come after, with the conversation unread: what is remembered says better.
 */
import type { QueryClient } from "@tanstack/react-query";
import type { ConversationRow } from "@/api/types";

const AT_MOST = 500;
const reads = new WeakMap<QueryClient, Map<string, number>>();

export function rememberRead(client: QueryClient, id: string, seq: number): void {
  const own = reads.get(client) ?? new Map<string, number>();
  const before = own.get(id) ?? 0;
  own.delete(id);
  own.set(id, Math.max(before, seq));
  const [oldest] = own.keys();
  if (own.size > AT_MOST && oldest !== undefined) own.delete(oldest);
  reads.set(client, own);
}

/** It is unread again, or the server was never told. */
export function forgetRead(client: QueryClient, id: string): void {
  reads.get(client)?.delete(id);
}

/** The row of an answer, read where it was read here meanwhile. */
export function asRead(client: QueryClient, row: ConversationRow): ConversationRow {
  const upTo = reads.get(client)?.get(row.head.id) ?? 0;
  return row.unread && row.head.seq <= upTo ? { ...row, unread: false } : row;
}
