/** The rule as it is being written, tried anew whenever the typing stops. */
import { useDebouncedValue } from "@mantine/hooks";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { RuleDraft } from "@/api/rules";
import type { TriedEvent } from "@/api/tries";
import { tryQuery } from "@/data/tries";
import { type EditedRule, triedOf } from "@/lib/rules/draft";
import { stillSays, type Wrong, wrongOf } from "@/parts/settings/useEdit";

const SETTLED_MS = 400;

/** `unread`: what could not be tried, and where, as long as it stands there. */
export function useTries(
  id: string | null,
  edit: EditedRule,
): { tried: UseQueryResult<{ items: TriedEvent[] }>; unread: Wrong } {
  const now = triedOf(edit);
  // As text, so that what says the same is the same.
  const [settled] = useDebouncedValue(JSON.stringify(now), SETTLED_MS);
  const rule = JSON.parse(settled) as RuleDraft;
  const tried = useQuery(tryQuery({ id, rule }));
  return { tried, unread: wrongOf(tried.error, stillSays(rule, now)) };
}
