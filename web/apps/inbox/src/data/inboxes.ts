/** The counts beside the inboxes, and what an inbox is called. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { View } from "@/api/lists";
import type { InboxCounts, InboxKey, TagCount } from "@/api/types";
import type { Names } from "./directory";
import { keys } from "./keys";

export const inboxesQuery = queryOptions({
  queryKey: keys.inboxes,
  queryFn: ({ signal }) => call<InboxCounts>("/api/tickets/inboxes", { signal }),
  staleTime: 30_000,
});

export const tagsQuery = queryOptions({
  queryKey: keys.tags,
  queryFn: ({ signal }) => call<TagCount[]>("/api/tickets/tags", { signal }),
  staleTime: 60_000,
});

const OWN: Record<string, string> = {
  mine: "Your inbox",
  mentions: "Mentions",
  created: "Created by you",
  following: "Followed by you",
  all: "All",
  unassigned: "Unassigned",
  spam: "Spam",
};

/** `views` only where a saved view can be meant. */
export function inboxName(inbox: InboxKey, names: Names, views: readonly View[] = []): string {
  if (inbox.startsWith("view:")) return views.find((view) => `view:${view.id}` === inbox)?.name ?? "View";
  if (inbox.startsWith("team:")) return names.team(inbox.slice(5))?.name ?? "Team inbox";
  if (inbox.startsWith("brand:")) return names.brand(inbox.slice(6))?.name ?? "View";
  return OWN[inbox] ?? "Inbox";
}
