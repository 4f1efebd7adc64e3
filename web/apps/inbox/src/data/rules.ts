/** Rules, from routing: in their order, with what they can be made of and with all their versions. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Rule, RuleDraft, RuleSchema, RuleWebhook } from "@/api/rules";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";
import { ASKED_ANEW, keptList, saveKept } from "./versioned";

const PATH = "/api/routing/rules";

/** A rule as forms know it; `seq` is its version. */
export type KeptRule = Rule & { seq: number };

export const rulesQuery = queryOptions({
  queryKey: keys.rules,
  queryFn: ({ signal }) => keptList<Rule>(PATH, signal),
  ...ASKED_ANEW,
});

export const ruleSchemaQuery = queryOptions({
  queryKey: keys.ruleSchema,
  queryFn: ({ signal }) => call<RuleSchema>(`${PATH}/schema`, { signal }),
  staleTime: 5 * 60_000,
});

/** Those that rules may call, by name. */
export const ruleWebhooksQuery = queryOptions({
  queryKey: keys.ruleWebhooks,
  queryFn: ({ signal }) => call<RuleWebhook[]>(`${PATH}/webhooks`, { signal }),
});

const refresh = (client: QueryClient): Promise<void> => client.invalidateQueries({ queryKey: keys.rules });

/** `id` null: a new one, last in order. `publish`: in force at once, else a draft. Throws ApiError `changed_meanwhile` when somebody else was quicker. */
export async function saveRule(
  client: QueryClient,
  id: string | null,
  draft: RuleDraft,
  version: number,
  publish: boolean,
): Promise<Rule> {
  const made = await saveKept<Rule>(PATH, id, draft, version, publish);
  await refresh(client);
  return made;
}

/** Shown at once in the new order; as it was when that is refused. */
export async function orderRules(client: QueryClient, ids: readonly string[]): Promise<void> {
  await showWhileKept<KeptRule[]>(
    client,
    rulesQuery.queryKey,
    (now = []) => now.toSorted((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
    () => call(`${PATH}/order`, { method: "PUT", body: { ids } }),
  );
}
