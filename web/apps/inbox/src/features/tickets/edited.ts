/**
 * What a ticket's own form keeps as its draft: what is to be another than it is, and what was there when it was
 * written. So what others change beside it shows, and what they change under it is not written over unseen. Pure.
 */
import type { Entered } from "@/api/drafts";
import type { FieldDefinition, FieldValue, TicketHead, TicketType } from "@/api/tickets";
import { askedBy, type Fields, filledIn } from "@/data/tickets";
import { isSame } from "@/lib/same";
import { entered, filled, nameOf, withEntered } from "./entered";

export interface Form {
  title: string;
  fields: Fields;
}

/** By the names of a draft's fields. */
export type Kept = Record<string, Entered>;

const TITLE = "title";
const before = (name: string): string => `was.${name}`;

/** What the ticket says, by the names of a draft's fields; null: nothing. */
const saysOf = (ticket: TicketHead): Kept => ({
  [TITLE]: ticket.title,
  ...Object.fromEntries(ticket.fields.map(({ id, value }) => [nameOf(id), value])),
});

/** The ticket's form with what was written in it. */
export function formOf(ticket: TicketHead, type: TicketType, kept: Kept = {}): Form {
  const { [TITLE]: title } = kept;
  return {
    title: typeof title === "string" ? title : ticket.title,
    fields: askedBy(type, withEntered(filledIn(ticket), kept)),
  };
}

/** Whether both say the same to who reads them. */
export const saysTheSame = (one: Form, other: Form): boolean =>
  isSame(withoutEmpty(one), withoutEmpty(other));

const withoutEmpty = ({ title, fields }: Form): unknown => [
  title,
  Object.entries(fields).filter(([, value]) => filled(value) !== null),
];

/**
 * What to keep for `form`; undefined where it says what the ticket does. Of what is kept already, it stays what was
 * there before it; with nothing kept, it is what the ticket says now.
 */
export function edited(ticket: TicketHead, form: Form, kept: Kept): Record<string, Entered | undefined> {
  const says = saysOf(ticket);
  const now = {
    [TITLE]: form.title === ticket.title ? undefined : form.title,
    ...entered(filledIn(ticket), form.fields),
  };
  return Object.fromEntries(
    Object.entries(now).flatMap(([name, value]) => {
      const there = (before(name) in kept ? kept[before(name)] : says[name]) ?? null;
      return [
        [name, value],
        [before(name), value === undefined ? undefined : there],
      ];
    }),
  );
}

export interface Clashing {
  /** By which the draft has it. */
  name: string;
  label: string;
  /** Null: the title. */
  definition: FieldDefinition | null;
  /** What the ticket says now; null: nothing. */
  theirs: FieldValue | null;
}

/** What was written here and changed by somebody else since, to something else. */
export function clashing(ticket: TicketHead, type: TicketType, kept: Kept): Clashing[] {
  const says = saysOf(ticket);
  const own = [
    { name: TITLE, label: "Title", definition: null },
    ...type.fields.map((definition) => ({
      name: nameOf(definition.id),
      label: definition.label,
      definition,
    })),
  ];
  return own.flatMap((one) => {
    const theirs = filled(says[one.name]);
    const isTaken = !(one.name in kept) || isSame(filled(kept[one.name]), theirs);
    if (isTaken || isSame(filled(kept[before(one.name)]), theirs)) return [];
    return [{ ...one, theirs: theirs as FieldValue | null }];
  });
}

/** To keep where theirs is taken. */
export const without = (clashes: readonly Clashing[]): Record<string, undefined> =>
  Object.fromEntries(clashes.flatMap(({ name }) => [name, before(name)]).map((name) => [name, undefined]));
