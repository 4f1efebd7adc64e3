/** What may be chosen for a field's value: `only` these, or these as suggestions beside any other. */
import { useQuery } from "@tanstack/react-query";
import type { FieldInfo } from "@/api/conditions";
import { useNames } from "@/data/directory";
import { tagsQuery } from "@/data/inboxes";
import { calendarsQuery } from "@/data/sla";
import { choiceLabel } from "@/lib/rules/words";

export interface Choices {
  only: boolean;
  items: { value: string; label: string }[];
}

const plain = (values: readonly string[]): Choices["items"] =>
  values.map((value) => ({ value, label: value }));

/** Null: anything may be written. */
export function useChoices(
  field: FieldInfo,
  brandIds: readonly string[],
  watched: readonly FieldInfo[],
): Choices | null {
  const names = useNames();
  const tagged = field.refers === "tag" || field.name.startsWith("conversation.tags");
  const { data: tags } = useQuery({ ...tagsQuery, enabled: tagged });
  const { data: calendars } = useQuery({ ...calendarsQuery, enabled: field.refers === "calendar" });
  if (tagged) return { only: false, items: plain(tags?.map(({ tag }) => tag) ?? []) };
  switch (field.refers) {
    case "brand":
      return { only: true, items: names.brands.map((one) => ({ value: one.brand_id, label: one.name })) };
    case "team":
      return { only: true, items: names.teams.map((one) => ({ value: one.team_id, label: one.name })) };
    case "agent":
      return { only: true, items: names.agents.map((one) => ({ value: one.agent_id, label: one.name })) };
    case "calendar":
      return { only: true, items: calendars?.map((one) => ({ value: one.id, label: one.name })) ?? [] };
    case "ticket_type":
      return { only: true, items: names.ticketTypes.map((one) => ({ value: one.type_id, label: one.name })) };
    default:
      break;
  }
  if (field.name === "event.changed") {
    const changing = watched.filter(({ changes }) => changes);
    return { only: true, items: changing.map(({ name, label }) => ({ value: name, label })) };
  }
  if (field.name === "conversation.topic")
    return { only: false, items: plain(topicsOf(names.brands, brandIds)) };
  if (field.choices.length === 0) return null;
  return { only: true, items: field.choices.map((value) => ({ value, label: choiceLabel(field, value) })) };
}

/** The topics of some brands, of all when none is named, each once. */
export const topicsOf = (
  brands: readonly { brand_id: string; topics: string[] }[],
  brandIds: readonly string[],
): string[] => [
  ...new Set(
    brands
      .filter(({ brand_id }) => brandIds.length === 0 || brandIds.includes(brand_id))
      .flatMap(({ topics }) => topics),
  ),
];
