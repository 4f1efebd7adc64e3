import type { ListFilter } from "./membership";

/** The names under which answers are cached; one place, so that live news finds them. */
export const keys = {
  me: ["me"] as const,
  directory: ["directory"] as const,
  inboxes: ["inboxes"] as const,
  tags: ["tags"] as const,
  availability: ["availability"] as const,
  lists: ["list"] as const,
  list: (filter: ListFilter) => ["list", filter] as const,
  conversation: (id: string) => ["conversation", id] as const,
  timeline: (id: string) => ["timeline", id] as const,
  decision: (id: string) => ["decision", id] as const,
};
