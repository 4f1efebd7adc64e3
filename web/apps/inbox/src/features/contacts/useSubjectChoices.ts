/** What a condition's value is chosen from; undefined: it is written. */
import { useQuery } from "@tanstack/react-query";
import { useNames } from "@/data/directory";
import { tagsQuery } from "@/data/inboxes";
import type { Subject } from "./conditions";

export interface Choice {
  value: string;
  label: string;
}

const CHANNELS: Choice[] = [
  { value: "email", label: "Email" },
  { value: "chat", label: "Chat" },
  { value: "phone", label: "Phone" },
  { value: "custom", label: "Custom channel" },
];
const KINDS: Choice[] = [
  { value: "lead", label: "Lead" },
  { value: "user", label: "User" },
];

export function useSubjectChoices(subject: Subject | undefined): Choice[] | undefined {
  const names = useNames();
  const tagged = subject?.field === "talked_with_tag";
  const { data: tags } = useQuery({ ...tagsQuery, enabled: tagged });
  switch (subject?.field) {
    case "kind":
      return KINDS;
    case "talked_on_channel":
      return CHANNELS;
    case "brand":
    case "talked_with_brand":
      return names.brands.map((each) => ({ value: each.brand_id, label: each.name }));
    case "talked_about_topic":
      return plain([...new Set(names.brands.flatMap((each) => each.topics))].sort());
    case "talked_with_tag":
      return plain(tags?.map(({ tag }) => tag) ?? []);
    case "ticket_type":
      return names.ticketTypes.map((each) => ({ value: each.type_id, label: each.name }));
    default:
      return subject?.options && plain(subject.options);
  }
}

const plain = (values: readonly string[]): Choice[] => values.map((value) => ({ value, label: value }));
