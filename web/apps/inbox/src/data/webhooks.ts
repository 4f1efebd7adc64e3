/** Outgoing webhooks: endpoints, what was sent to them, and sending it again. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { CallState, Endpoint, EndpointDetail, EndpointSecret, WebhookCalls } from "@/api/settings";
import { keys } from "./keys";

const PATH = "/api/notifications/webhooks";
const NEWS_MS = 3000;

export interface EndpointEdit {
  name: string;
  url: string;
  event_types: string[];
  brand_ids: string[];
}

export const webhooksQuery = queryOptions({
  queryKey: keys.webhooks,
  queryFn: ({ signal }) => call<Endpoint[]>(PATH, { signal }),
});

export const webhookTypesQuery = queryOptions({
  queryKey: keys.webhookTypes,
  queryFn: ({ signal }) => call<{ items: string[] }>(`${PATH}/event-types`, { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

/** No live news tell of these: looked at again while it is open. */
export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: keys.webhook(id),
    queryFn: ({ signal }) => call<EndpointDetail>(`${PATH}/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: NEWS_MS,
  });

export const webhookCallsQuery = (id: string, state: CallState | null) =>
  queryOptions({
    queryKey: keys.webhookCalls(id, state ?? ""),
    queryFn: ({ signal }) =>
      call<WebhookCalls>(`${PATH}/${encodeURIComponent(id)}/deliveries${state ? `?state=${state}` : ""}`, {
        signal,
      }),
    refetchInterval: NEWS_MS,
  });

export const createWebhook = (edit: EndpointEdit): Promise<EndpointSecret> =>
  call(PATH, { method: "POST", body: edit });

/** Throws ApiError `changed_meanwhile` when somebody changed it after `seen`. */
export const changeWebhook = (id: string, edit: EndpointEdit, seen: string): Promise<Endpoint> =>
  call(`${PATH}/${encodeURIComponent(id)}`, { method: "PATCH", body: { ...edit, seen_updated_at: seen } });

export const rotateWebhook = (id: string, overlap_hours: number): Promise<EndpointSecret> =>
  call(`${PATH}/${encodeURIComponent(id)}/rotate`, { method: "POST", body: { overlap_hours } });

export const deleteWebhook = (id: string): Promise<void> =>
  call(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE" });

/** ping: a test event; enable and disable. */
export const actOnWebhook = (id: string, act: "ping" | "enable" | "disable"): Promise<unknown> =>
  call(`${PATH}/${encodeURIComponent(id)}/${act}`, { method: "POST" });

/** One delivery again, or all of the dead list. */
export const replayWebhook = (
  id: string,
  callId: string | null,
): Promise<{ replayed: number; more: boolean }> =>
  callId
    ? call(`${PATH}/${encodeURIComponent(id)}/deliveries/${encodeURIComponent(callId)}/replay`, {
        method: "POST",
      })
    : call(`${PATH}/${encodeURIComponent(id)}/replay`, { method: "POST", body: {} });

export const refreshWebhooks = (client: QueryClient): Promise<void> =>
  client.invalidateQueries({ queryKey: keys.webhooks });
