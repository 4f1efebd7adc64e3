/** The rule as it is being written, tried anew whenever the typing stops. */
import { useDebouncedValue } from "@mantine/hooks";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { RuleDraft } from "@/api/rules";
import type { TriedEvent } from "@/api/tries";
import { tryQuery } from "@/data/tries";
import { type EditedRule, triedOf } from "@/lib/rules/draft";

const SETTLED_MS = 400;

export function useTries(id: string | null, edit: EditedRule): UseQueryResult<{ items: TriedEvent[] }> {
  // As text, so that what says the same is the same.
  const [settled] = useDebouncedValue(JSON.stringify(triedOf(edit)), SETTLED_MS);
  return useQuery(tryQuery({ id, rule: JSON.parse(settled) as RuleDraft }));
}
