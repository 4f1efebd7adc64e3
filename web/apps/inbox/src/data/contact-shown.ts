/** News about a contact, written into whatever is cached of it. */
import type { InvalidateOptions, QueryClient } from "@tanstack/react-query";
import type { ContactAnswer } from "@/api/contacts";
import { LET_ANSWER, soon } from "@/lib/soon";
import { keys } from "./keys";
import { patchQuery } from "./patch-query";
import { contactWithUndecided, type ShownContact } from "./undecided";

/** Show a contact as it is now, wherever it is shown, under whichever id it was asked for. */
export function applyContact(client: QueryClient, answer: ContactAnswer): ContactAnswer {
  for (const id of [answer.contact.id, ...answer.contact.merged_ids]) {
    client.setQueryData<ShownContact>(keys.contact(id), (before) =>
      contactWithUndecided(
        before && before.contact.id === answer.contact.id && before.contact.seq > answer.contact.seq
          ? before
          : answer,
      ),
    );
  }
  refreshAround(client);
  return answer;
}

/** Show a contact anew, under whichever id: an edit of it waits, or is refused or taken back. */
export function showContactAgain(client: QueryClient, id: string): void {
  for (const [key, data] of client.getQueriesData<ShownContact>({ queryKey: keys.contactsShown })) {
    if (data && [data.contact.id, ...data.contact.merged_ids].includes(id))
      patchQuery<ShownContact>(client, key, () => contactWithUndecided(data));
  }
}

const AROUND_MS = 300;
const refreshAroundSoon = soon<QueryClient>(AROUND_MS, (client) => refreshAround(client, LET_ANSWER));

/** Somebody changed a contact: what is shown of it is asked for again. Our own change is known already. */
export function contactChanged(client: QueryClient, id: string, seq: number): void {
  const shown = client.getQueryData<ContactAnswer>(keys.contact(id));
  if (shown?.contact.id === id && shown.contact.seq >= seq) return;
  askForContact(client, id);
}

/** What it looks like now is not known: it is asked for. */
export function askForContact(client: QueryClient, id: string): void {
  void client.invalidateQueries({ queryKey: keys.contact(id) });
  refreshAroundSoon(client);
}

function refreshAround(client: QueryClient, how: InvalidateOptions = {}): void {
  for (const queryKey of [
    keys.contactLists,
    keys.contactActivities,
    keys.contactTimelines,
    keys.contactConversationLists,
    keys.alikes,
    keys.segments,
  ]) {
    void client.invalidateQueries({ queryKey }, how);
  }
}
