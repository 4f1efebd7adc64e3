/** News about a ticket, written into whatever is cached of it. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { TicketAnswer, TicketEntry, TicketHead } from "@/api/tickets";
import { LET_ANSWER, soon } from "@/lib/soon";
import { keys } from "./keys";
import { patchQuery } from "./patch-query";
import { type ShownTicket, ticketWithUndecided } from "./undecided";

export interface TicketPage {
  items: ShownTicket[];
  next_cursor: string | null;
}

type Lists = InfiniteData<TicketPage, string | null>;

const AROUND_MS = 300;

/** Lists and counts are asked for again, many changes once. */
const refreshLists = soon<QueryClient>(AROUND_MS, (client) => {
  void client.invalidateQueries({ queryKey: keys.ticketLists }, LET_ANSWER);
  void client.invalidateQueries({ queryKey: keys.ticketCounts }, LET_ANSWER);
});

/** Show a ticket as it is now, wherever it is shown. */
export function applyTicket(client: QueryClient, head: TicketHead): void {
  client.setQueryData<ShownTicket>(keys.ticket(head.id), (before) =>
    ticketWithUndecided(before && before.seq > head.seq ? before : head),
  );
  refreshAround(client, head.id);
}

/** The same of a command's answer, with what came of it among what happened. */
export function applyTicketAnswer(client: QueryClient, { head, events }: TicketAnswer): void {
  patchQuery<{ items: TicketEntry[] }>(client, keys.ticketTimeline(head.id), (shown) => {
    if (!shown) return undefined;
    const known = new Set(shown.items.map(({ id }) => id));
    const news = events.filter(({ id }) => !known.has(id));
    return { items: [...shown.items, ...news].sort((one, other) => one.seq - other.seq) };
  });
  applyTicket(client, head);
}

/** Show a ticket anew: something was done to it here, or what was done is refused. In a list it keeps its place. */
export function showTicketAgain(client: QueryClient, id: string): void {
  patchQuery<ShownTicket>(client, keys.ticket(id), (shown) => shown && ticketWithUndecided(shown));
  for (const [key, data] of client.getQueriesData<Lists>({ queryKey: keys.ticketLists })) {
    if (!data?.pages.some(({ items }) => items.some((each) => each.id === id))) continue;
    const pages = data.pages.map((page) => ({
      ...page,
      items: page.items.map((each) => (each.id === id ? ticketWithUndecided(each) : each)),
    }));
    patchQuery<Lists>(client, key, () => ({ ...data, pages }));
  }
}

/** Somebody changed a ticket: what is shown of it is asked for again. Our own change is known already. */
export function ticketChanged(client: QueryClient, id: string, seq: number): void {
  const shown = client.getQueryData<ShownTicket>(keys.ticket(id));
  if (!shown || shown.seq < seq) askForTicket(client, id);
}

/** What it looks like now is not known: it is asked for. */
export function askForTicket(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: keys.ticket(id) });
  refreshAround(client, id);
}

function refreshAround(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: keys.ticketTimeline(id) });
  void client.invalidateQueries({ queryKey: keys.ticketConversations(id) });
  refreshLists(client);
}
