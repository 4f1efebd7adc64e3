/** Images of the web in a message: links that show them through our own server. Asking for them fetches none. */
import { call } from "@/api/client";
import type { RemoteImages } from "@/api/types";

/** By the address in the message's HTML; each link opens for some minutes. */
export async function imageLinks(conversationId: string, seq: number): Promise<ReadonlyMap<string, string>> {
  const path = `/api/tickets/conversations/${encodeURIComponent(conversationId)}/images`;
  const { items } = await call<RemoteImages>(path, { method: "POST", body: { seq } });
  return new Map(items.map((each) => [each.src, each.url]));
}
