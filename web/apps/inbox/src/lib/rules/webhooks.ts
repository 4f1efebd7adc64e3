/** The webhooks that rules call, in words and as choices. Pure. */
import type { RuleWebhook } from "@/api/rules";

export const UNKNOWN_WEBHOOK = "It was deleted, or is for other brands. Choose another one.";
export const UNREAD_WEBHOOK = "The chosen webhook …";
export const OFF_WEBHOOK = "It is switched off: what the rule calls it for goes to its dead list.";

/** "the webhook Warehouse": after "call". `webhooks` undefined: they are not read yet. */
export function webhookWords(webhooks: readonly RuleWebhook[] | undefined, id: string): string {
  const webhook = webhooks?.find((each) => each.id === id);
  if (!id || !webhooks) return "the webhook …";
  if (!webhook) return "a webhook that was deleted or is for other brands";
  return `the webhook ${named(webhook)}`;
}

/** Those for one of the rule's brands (none: all of them), and the chosen one whatever it is for. `webhooks` undefined: they are not read yet, or could not be. */
export function webhookChoices(
  webhooks: readonly RuleWebhook[] | undefined,
  brandIds: readonly string[],
  chosen: string,
): { value: string; label: string }[] {
  const fits = (brands: readonly string[]): boolean =>
    !brands.length || !brandIds.length || brands.some((each) => brandIds.includes(each));
  const offered = (webhooks ?? []).filter(({ id, brand_ids }) => id === chosen || fits(brand_ids));
  const missing = chosen && !offered.some(({ id }) => id === chosen);
  return [
    ...offered.map((each) => ({ value: each.id, label: named(each) })),
    ...(missing ? [{ value: chosen, label: webhooks ? "An unknown webhook" : UNREAD_WEBHOOK }] : []),
  ];
}

const named = ({ name, state }: RuleWebhook): string =>
  state === "disabled" ? `${name} (switched off)` : name;
