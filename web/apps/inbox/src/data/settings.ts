/** What admins change: each written whole, over what they saw, and known here at once. */
import { infiniteQueryOptions, type QueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Attribute } from "@/api/contacts";
import type { App, Brand, DeskSettings, Directory } from "@/api/people";
import type { AuditPage } from "@/api/settings";
import type { TicketType } from "@/api/tickets";
import { keys } from "./keys";

export type BrandEdit = Omit<Brand, "brand_id" | "seq">;
export type AttributeEdit = Omit<Attribute, "attribute_id" | "seq">;
export type TicketTypeEdit = Omit<TicketType, "type_id" | "seq">;

/** `seenSeq` 0: a new one. Throws ApiError `changed_meanwhile` when somebody else was quicker. */
async function put<T>(client: QueryClient, path: string, edit: object, seenSeq: number): Promise<T> {
  const made = await call<T>(`/api/tickets/${path}`, { method: "PUT", body: { ...edit, seen_seq: seenSeq } });
  await client.invalidateQueries({ queryKey: keys.directory });
  return made;
}

export const putBrand = (client: QueryClient, id: string, edit: BrandEdit, seenSeq: number): Promise<Brand> =>
  put(client, `brands/${id}`, edit, seenSeq);

export const putAttribute = (
  client: QueryClient,
  id: string,
  edit: AttributeEdit,
  seenSeq: number,
): Promise<Attribute> => put(client, `attributes/${id}`, edit, seenSeq);

export const putTicketType = (
  client: QueryClient,
  id: string,
  edit: TicketTypeEdit,
  seenSeq: number,
): Promise<TicketType> => put(client, `ticket-types/${id}`, edit, seenSeq);

export type AppEdit = Omit<App, "app_id" | "seq">;

/** With the secret of a new one, told this once. */
export interface AppMade {
  app: App;
  secret: string | null;
}

export const putApp = (client: QueryClient, id: string, edit: AppEdit, seenSeq: number): Promise<AppMade> =>
  put(client, `apps/${id}`, edit, seenSeq);

export async function newAppSecret(client: QueryClient, id: string): Promise<AppMade> {
  const made = await call<AppMade>(`/api/tickets/apps/${id}/secret`, { method: "POST" });
  await client.invalidateQueries({ queryKey: keys.directory });
  return made;
}

export async function putDeskSettings(
  client: QueryClient,
  edit: Omit<DeskSettings, "seq">,
  seenSeq: number,
): Promise<DeskSettings> {
  const made = await put<DeskSettings>(client, "desk-settings", edit, seenSeq);
  client.setQueryData<Directory>(keys.directory, (now) => now && { ...now, settings: made });
  return made;
}

export interface AuditFilter {
  kind: string | null;
  agent_id: string | null;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: keys.audit(filter),
    queryFn: ({ pageParam, signal }) => {
      const given = Object.entries({ ...filter, cursor: pageParam }).filter(([, value]) => value !== null);
      return call<AuditPage>(`/api/tickets/audit?${new URLSearchParams(given as [string, string][])}`, {
        signal,
      });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 0,
  });
