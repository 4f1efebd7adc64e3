/** What is done to a rule besides writing it. Each says what it did, or why it could not. */
import type { QueryClient } from "@tanstack/react-query";
import { ApiError, sentenceOf } from "@/api/client";
import type { Governed } from "@/api/governed";
import type { Rule } from "@/api/rules";
import { act, RULES, refreshKind } from "@/data/governed";
import { saveRule } from "@/data/rules";
import { draftOf } from "@/lib/rules/draft";
import type { SectionProps } from "@/lib/settings";
import { toast } from "@/ui/toast";

async function tell(client: QueryClient, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const meanwhile = error instanceof ApiError && error.code === "changed_meanwhile";
    const words = meanwhile ? "Somebody else just changed this rule. Look at it again." : sentenceOf(error);
    toast(words, undefined, "error");
    await refreshKind(client, RULES);
  }
}

/** In force at once, as it was but for this. */
export const switchRule = (client: QueryClient, rule: Rule): Promise<void> =>
  tell(client, async () => {
    const enabled = !rule.enabled;
    const made = await saveRule(client, rule.id, { ...draftOf(rule), enabled }, rule.version, true);
    toast(`“${rule.name}” is ${enabled ? "in use" : "switched off"}`, {
      label: "Undo",
      run: () => void switchRule(client, made),
    });
  });

/** A copy, last in order: a draft until somebody looked at it. */
export const duplicateRule = (client: QueryClient, rule: Rule, open: SectionProps["open"]): Promise<void> =>
  tell(client, async () => {
    const name = `${rule.name.slice(0, 190)} (copy)`;
    const made = await saveRule(client, null, { ...draftOf(rule), name }, 0, false);
    toast("Copied. The copy is a draft.");
    open(made.id);
  });

/** It can be taken back: what was in force is in force again, a draft is one again. */
export const retireRule = (client: QueryClient, rule: Rule): Promise<void> =>
  tell(client, async () => {
    const retired = await act(client, RULES, rule, "retire", { rationale: "" });
    toast(`“${rule.name}” is retired`, {
      label: "Undo",
      run: () => void tell(client, () => bringBack(client, rule, retired)),
    });
  });

async function bringBack(client: QueryClient, rule: Rule, retired: Governed): Promise<void> {
  const version = rule.standing.published;
  if (version === null) await saveRule(client, rule.id, draftOf(rule), retired.version, false);
  else await act(client, RULES, retired, "rollback", { version, rationale: "Not retired after all" });
  toast(`“${rule.name}” is back`);
}
