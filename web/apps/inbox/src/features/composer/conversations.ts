import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { ConversationPage, Head } from "@/api/types";
import { keys } from "@/data/keys";
import { rowsOf } from "@/data/pages";
import { personName } from "@/lib/person";
import { AT_MOST, type Choice } from "@/parts/writing/choiceList";
import { matching } from "@/parts/writing/matching";

/** Conversations to link to, of those that were listed lately; found by subject and name. */
export function knownConversations(client: QueryClient, query: string): Choice[] {
  const heads = new Map<string, Head>();
  const lists = client.getQueriesData<InfiniteData<ConversationPage, string>>({ queryKey: keys.lists });
  for (const [, data] of lists) {
    for (const { head } of data ? rowsOf(data.pages) : []) heads.set(head.id, head);
  }
  const choices = [...heads.values()].map((head) => ({
    key: `${window.location.origin}/inbox/all/${head.id}`,
    label: head.subject || head.preview || personName(head),
    hint: personName(head),
  }));
  return matching(query, choices, AT_MOST);
}
