/** Who else looks at a conversation: said by each browser every few seconds, heard by live frames. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { ApiError, call } from "@/api/client";
import type { ViewerPerson } from "@/api/live";
import { keys } from "./keys";

const PASS_FOR_MS = 8 * 60_000;

const passQuery = (id: string) =>
  queryOptions({
    queryKey: keys.viewingPass(id),
    queryFn: () =>
      call<{ viewing_pass: string }>(`/api/tickets/conversations/${encodeURIComponent(id)}/viewing-pass`, {
        method: "POST",
      }),
    staleTime: PASS_FOR_MS,
  });

/** Filled by live frames and by the answers to what is said. */
export const viewersQuery = (id: string) =>
  queryOptions<ViewerPerson[]>({
    queryKey: keys.viewers(id),
    queryFn: () => [],
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });

/** Say that one looks at it, or no more. Nothing depends on it: what fails is said again a little later. */
export async function sayViewing(
  client: QueryClient,
  id: string,
  said: { here: boolean; typing: boolean },
): Promise<void> {
  try {
    const { viewing_pass } = await client.fetchQuery(passQuery(id));
    const path = `/api/notifications/conversations/${encodeURIComponent(id)}/viewers`;
    const heard = client.getQueryState(keys.viewers(id))?.dataUpdateCount;
    const { people } = await call<{ people: ViewerPerson[] }>(path, {
      method: "POST",
      body: { viewing_pass, ...said },
    });
    // What was told meanwhile is newer than the answer.
    if (said.here && client.getQueryState(keys.viewers(id))?.dataUpdateCount !== heard) return;
    client.setQueryData<ViewerPerson[]>(keys.viewers(id), said.here ? people : []);
  } catch (error) {
    if (error instanceof ApiError && error.code === "bad_pass") {
      client.removeQueries({ queryKey: keys.viewingPass(id) });
    }
  }
}
