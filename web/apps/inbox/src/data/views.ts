/** Saved views and the sidebar: kept on the server, so that they are the same in every browser. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Narrowed, Sidebar, View } from "@/api/lists";
import type { SortOrder } from "@/api/types";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";

interface Views {
  items: View[];
}

export const viewsQuery = queryOptions({
  queryKey: keys.views,
  queryFn: ({ signal }) => call<Views>("/api/tickets/views", { signal }),
  staleTime: 60_000,
});

export const sidebarQuery = queryOptions({
  queryKey: keys.sidebar,
  queryFn: ({ signal }) => call<Sidebar>("/api/tickets/sidebar", { signal }),
  staleTime: 60_000,
});

/** The view that an inbox's name ("view:<id>") means. */
export const viewIn = (views: Views | undefined, inbox: string): View | undefined =>
  views?.items.find((view) => `view:${view.id}` === inbox);

interface ViewChange {
  name?: string;
  filter?: Narrowed;
  sort?: SortOrder;
  team_id?: string | null;
}

const showViews = (client: QueryClient, change: (items: View[]) => View[]): void => {
  client.setQueryData<Views>(keys.views, (now) => ({ items: change(now?.items ?? []) }));
  void client.invalidateQueries({ queryKey: keys.views });
  void client.invalidateQueries({ queryKey: keys.inboxes });
};

export async function addView(client: QueryClient, body: ViewChange, key: string): Promise<View> {
  const made = await call<View>("/api/tickets/views", { method: "POST", body, idempotencyKey: key });
  showViews(client, (items) => [...items.filter((view) => view.id !== made.id), made]);
  return made;
}

export async function changeView(client: QueryClient, id: string, body: ViewChange): Promise<void> {
  const changed = await call<View>(`/api/tickets/views/${id}`, { method: "PATCH", body });
  showViews(client, (items) => items.map((view) => (view.id === id ? changed : view)));
}

export async function deleteView(client: QueryClient, id: string): Promise<void> {
  await call<void>(`/api/tickets/views/${id}`, { method: "DELETE" });
  showViews(client, (items) => items.filter((view) => view.id !== id));
}

/** Shown at once, and put back when it could not be kept (throws). */
export async function putSidebar(
  client: QueryClient,
  wanted: Pick<Sidebar, "pinned" | "unpinned">,
): Promise<void> {
  await showWhileKept<Sidebar>(
    client,
    keys.sidebar,
    () => ({ ...wanted, changed: true }),
    () => call("/api/tickets/sidebar", { method: "PUT", body: wanted, keepalive: true }),
  );
}
