/** A ticket's fields among those of a form's draft: under names of their own, those alone that were entered. */
import type { Entered } from "@/api/drafts";
import type { Fields } from "@/data/tickets";
import { isSame } from "@/lib/same";

const PREFIX = "field.";

/** By which name a form's draft has a field. */
export const nameOf = (id: string): string => `${PREFIX}${id}`;

/** What a field says; null: nothing, also where something was deleted from it. */
export const filled = (value: Entered | undefined): Entered => (value === "" ? null : (value ?? null));

/** What is known by itself, with what was entered over it. */
export function withEntered(known: Fields, fields: Record<string, Entered>): Fields {
  const own = Object.entries(fields).flatMap(([name, value]) =>
    name.startsWith(PREFIX) && !Array.isArray(value) ? [[name.slice(PREFIX.length), value] as const] : [],
  );
  return { ...known, ...Object.fromEntries(own) };
}

/** The names and values to keep for `values`; undefined where they say what is known by itself. */
export function entered(known: Fields, values: Fields): Record<string, Entered | undefined> {
  const kept = Object.entries(values).map(([id, value]) => [
    nameOf(id),
    isSame(filled(value), filled(known[id])) ? undefined : value,
  ]);
  return Object.fromEntries(kept);
}
