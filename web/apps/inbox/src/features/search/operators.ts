/** The operators of search, what each is for, and how the one that is being typed may go on. Pure. */
import type { Names } from "@/data/directory";

export interface Operator {
  name: string;
  example: string;
  about: string;
}

export const OPERATORS: readonly Operator[] = [
  { name: "from", example: "from:ada@", about: "Who wrote: address, @domain, name or number" },
  { name: "to", example: "to:support@", about: "Who it went to, copies too" },
  { name: "subject", example: 'subject:"my order"', about: "Words of the subject" },
  { name: "tag", example: "tag:vip", about: "A tag; -tag:vip for those without" },
  { name: "status", example: "status:open,snoozed", about: "Open, snoozed or closed" },
  { name: "after", example: "after:7d", about: "Still active then: a date, today, 7d, 2w" },
  { name: "before", example: "before:2026-05", about: "Begun before a day, month or year" },
  { name: "brand", example: "brand:", about: "One brand" },
  { name: "team", example: "team:none", about: "A team, or none" },
  { name: "assignee", example: "assignee:me", about: "A colleague, me or none" },
  { name: "channel", example: "channel:phone", about: "Email, chat, phone or custom" },
  { name: "has", example: "has:attachment", about: "Attachment, note or link" },
  { name: "id", example: "id:", about: "The beginning of an id" },
];

const FIXED: Record<string, readonly string[]> = {
  status: ["open", "snoozed", "closed"],
  channel: ["email", "chat", "phone", "custom"],
  has: ["attachment", "note", "link"],
  after: ["today", "yesterday", "7d", "30d"],
  before: ["today", "7d", "30d"],
};
const MOST = 6;
const LAST = /(?:^|\s)(-?)([a-z]*)(:?)("?)([^"\s]*)$/i;

export interface Completion {
  label: string;
  /** The whole text after it is chosen. */
  text: string;
}

const quoted = (value: string): string => (/[\s,]/.test(value) ? `"${value}"` : value);

/** How what stands at the end may go on: names of operators, then their values. */
export function completions(text: string, names: Names, tags: readonly string[]): Completion[] {
  const found = LAST.exec(text);
  if (!found) return [];
  const [whole, minus = "", name = "", colon = "", quote = "", value = ""] = found;
  const before = text.slice(0, text.length - whole.length) + (whole.startsWith(" ") ? " " : "");
  const key = name.toLowerCase();
  if (!colon) {
    if (key.length < 2 || value) return [];
    const meant = OPERATORS.filter((each) => each.name.startsWith(key) && each.name !== key);
    return meant.map((each) => ({ label: `${each.name}:`, text: `${before}${minus}${each.name}:` }));
  }
  if (quote) return [];
  const typed = value.toLowerCase();
  return valuesOf(key, names, tags)
    .filter((each) => ` ${each.toLowerCase()}`.includes(` ${typed}`) && each.toLowerCase() !== typed)
    .slice(0, MOST)
    .map((each) => ({ label: each, text: `${before}${minus}${key}:${quoted(each)} ` }));
}

function valuesOf(key: string, names: Names, tags: readonly string[]): readonly string[] {
  if (key === "brand") return names.brands.map((brand) => brand.name);
  if (key === "team") return [...names.teams.map((team) => team.name), "none"];
  if (key === "assignee") return ["me", "none", ...names.agents.map((agent) => agent.name)];
  if (key === "tag") return tags;
  return FIXED[key] ?? [];
}

/** Only words, so that they may be a person's as well. */
export const isPlain = (text: string): boolean => text.trim().length > 1 && !/[a-z]:|(^|\s)-\S|"/i.test(text);
