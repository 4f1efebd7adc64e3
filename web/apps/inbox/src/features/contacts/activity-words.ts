/** What happened to a contact, in words. Pure: names are passed in. */
import type { ContactEntry, Money } from "@/api/contacts";
import type { Actor } from "@/api/types";
import type { Names } from "@/data/directory";
import { languageWords, moneyWords, valueWords } from "@/lib/contacts";
import { showHandle } from "@/lib/person";
import { fullTime } from "@/lib/time";

const LABELS: Record<string, string> = {
  name: "the name",
  emails: "the email",
  phones: "the phone",
  kind: "the kind",
  language: "the language",
  time_zone: "the time zone",
  location: "the location",
  lifetime_revenue: "the lifetime revenue",
  last_purchase_at: "the last purchase",
  brand_ids: "the brands",
  external_ids: "the user ids",
  visitor_ids: "the devices",
};

export function contactWho(by: Actor | null, agentId: string): string {
  if (!by) return "Switchboard";
  return by.kind === "agent" && by.id === agentId ? "You" : by.name || "Somebody";
}

/** What an entry says after its actor: "set the location to London and 2 more". */
export function contactPhrase(entry: ContactEntry, names: Names): string {
  switch (entry.type) {
    case "ContactCreated":
      return entry.by ? "added this contact" : "met this person";
    case "ContactUpdated":
      return updated(entry, names);
    case "ContactsMerged":
      return "merged a duplicate into this contact";
    case "ContactsUnmerged":
      return "took a merged contact apart again";
    case "ContactBlocked":
      return `blocked this person: ${String(entry.data.reason ?? "")}`;
    case "ContactUnblocked":
      return "unblocked this person";
    default:
      return "";
  }
}

function updated(entry: ContactEntry, names: Names): string {
  const parts = Object.entries(entry.values).map(([field, value]) => one(field, value, names));
  const [first = "changed something", second, ...rest] = parts;
  if (!second) return first;
  return rest.length ? `${first}, ${second} and ${rest.length} more` : `${first} and ${second}`;
}

function one(field: string, value: unknown, names: Names): string {
  const id = field.startsWith("attributes.") ? field.slice("attributes.".length) : null;
  const label = id ? (names.attribute(id)?.label ?? id) : (LABELS[field] ?? field);
  const words = shown(field, value, names);
  return words ? `set ${label} to ${words}` : `cleared ${label}`;
}

function shown(field: string, value: unknown, names: Names): string {
  if (value === null || value === undefined || value === "") return "";
  if (field === "brand_ids") return (value as string[]).map((id) => names.brand(id)?.name ?? id).join(", ");
  if (field === "lifetime_revenue") return moneyWords(value as Money);
  if (field === "last_purchase_at") return fullTime(String(value));
  if (field === "language") return languageWords(String(value));
  if (field === "visitor_ids") return `${(value as string[]).length}`;
  if (Array.isArray(value)) return value.map((each) => showHandle(String(each))).join(", ");
  const type = names.attribute(field.slice("attributes.".length))?.type;
  return typeof value === "object" ? "" : valueWords(value as string | number | boolean, type);
}
