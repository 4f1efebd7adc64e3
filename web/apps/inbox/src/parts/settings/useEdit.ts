/** A form over one thing that is configured: what is written, what was refused and where, and who else changed it. */
import { useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import { isSame } from "@/lib/same";

/** Why a place was refused; `exactly`: this very place, and none within it. */
export type Wrong = (path: string, exactly?: boolean) => string | null;

/**
 * Write it; `seenSeq` is the state that may be written over. A form that stays open says with `adopt` what was kept, so
 * that it is not taken for somebody else's change.
 */
export type Save<S> = (seenSeq: number, adopt: (kept: S) => void) => Promise<void>;

export interface Editing<T, S> {
  edit: T;
  change: (part: Partial<T>) => void;
  /** Whether anything would be kept otherwise than it is. */
  changed: boolean;
  /** The `seq` that the form began with, 0 for something new: what a PUT sends as `seen_seq`. */
  seenSeq: number;
  busy: boolean;
  /**
   * Why a field was refused, as a sentence, until something else is written there; for a list ("addresses") also what
   * is wrong with one of its lines.
   */
  wrong: Wrong;
  /** What went wrong besides the form's own fields; empty when nothing did. */
  trouble: string;
  /** What somebody else made of it meanwhile. */
  theirs: S | null;
  /** Begin again with theirs. */
  takeTheirs: () => void;
  /** Begin again with what is there. */
  reset: () => void;
  /** Only one at a time. */
  submit: (work: Save<S>, over?: S) => Promise<void>;
}

/**
 * `read` gives the form's fields for what is there (undefined: something new), and `sent` what is kept of them, where
 * there is more in them than that, keys of lines for one. The form follows what is there until something is written;
 * then it stays, and a change of what is no field of it is none that could be written over.
 */
export function useEdit<T extends object, S extends { seq: number }>(
  there: S | undefined,
  read: (there: S | undefined) => T,
  sent: (edit: T) => object = (edit) => edit,
): Editing<T, S> {
  const [seen, setSeen] = useState(there);
  const [edit, setEdit] = useState(() => read(there));
  const [refused, setRefused] = useState<{ error: unknown; edit: T } | null>(null);
  const [busy, setBusy] = useState(false);
  const error = refused?.error ?? null;
  const fields = error instanceof ApiError ? error.fields : [];
  const theirs = theirsOf<S>(error);
  const seenSeq = seen?.seq ?? 0;
  const says = (one: S | undefined, other: S | undefined): boolean =>
    isSame(sent(read(one)), sent(read(other)));
  const changed = !isSame(sent(edit), sent(read(seen)));

  const begin = (from: S | undefined): void => {
    setSeen(from);
    setEdit(read(from));
    setRefused(null);
  };
  if (there && seen && there.seq > seenSeq && !busy) {
    if (!changed) begin(there);
    else if (says(there, seen)) setSeen(there);
  }

  const submit: Editing<T, S>["submit"] = async (work, over) => {
    if (busy) return;
    const refuse = (why: unknown): void => setRefused({ error: why, edit });
    setBusy(true);
    setRefused(null);
    if (over) setSeen(over);
    const adopt = (kept: S): void => {
      setSeen(kept);
      setEdit((now) => (now === edit ? read(kept) : now));
    };
    try {
      await work(over?.seq ?? seenSeq, adopt);
    } catch (refusal) {
      const newer = theirsOf<S>(refusal);
      // Something else of it was changed, perhaps by oneself: nothing is written over.
      if (newer && seen && says(newer, over ?? seen)) await work(newer.seq, adopt).catch(refuse);
      else refuse(refusal);
    } finally {
      setBusy(false);
    }
  };
  return {
    edit,
    change: (part) => setEdit((now) => ({ ...now, ...part })),
    changed,
    seenSeq,
    busy,
    wrong: wrongOf(error, refused ? stillSays(sent(refused.edit), sent(edit)) : undefined),
    trouble:
      error !== null && !theirs && !fields.some((each) => isOf(each.path, edit)) ? sentenceOf(error) : "",
    theirs,
    takeTheirs: () => theirs && begin(theirs),
    reset: () => begin(there),
    submit,
  };
}

const theirsOf = <S>(error: unknown): S | null =>
  error instanceof ApiError && error.code === "changed_meanwhile" ? (error.existing as S | null) : null;

/** What an answer refused, by place; `holds`: whether it is so still. */
export function wrongOf(error: unknown, holds: (place: string) => boolean = () => true): Wrong {
  const fields = error instanceof ApiError ? error.fields.filter((each) => holds(each.path)) : [];
  return (path, exactly = false) => {
    const found = fields.find((each) => isAt(each.path, path, exactly));
    return found ? sentence(found.message) : null;
  };
}

/** Whether the same stands at a place ("body.if.all.0.value") of two things that are sent. */
export const stillSays =
  (one: object, other: object) =>
  (place: string): boolean =>
    isSame(valueAt(one, place), valueAt(other, place));

const valueAt = (whole: object, place: string): unknown =>
  place
    .split(".")
    .slice(1)
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | null | undefined)?.[name], whole);

const isAt = (place: string, path: string, exactly: boolean): boolean =>
  place === `body.${path}` || (!exactly && place.startsWith(`body.${path}.`));

/** Whether a place is one of the form's own fields. */
export const isOf = (place: string, edit: object): boolean => (place.split(".")[1] ?? "") in edit;

const sentence = (words: string): string => {
  const whole = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};

/** "Northwind Tea" → "northwind-tea": a readable id that the services take. */
export function idOf(name: string, otherwise: string): string {
  const words = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
  return words || otherwise;
}

/** The same, and with a number when it is taken. */
export function freeId(name: string, otherwise: string, taken: readonly string[]): string {
  const wanted = idOf(name, otherwise);
  let id = wanted;
  for (let count = 2; taken.includes(id); count += 1) id = `${wanted}-${count}`;
  return id;
}
