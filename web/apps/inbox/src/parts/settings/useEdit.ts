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
  /** The `seq` that the form began with, 0 for something new: what a PUT sends as `seen_seq`. */
  seenSeq: number;
  busy: boolean;
  /** Why a field was refused, as a sentence; for a list ("addresses") also what is wrong with one of its lines. */
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
 * `read` gives the form's fields for what is there (undefined: something new). The form follows what is there until
 * something is written; then it stays, and a change of what is no field of it is none that could be written over.
 */
export function useEdit<T extends object, S extends { seq: number }>(
  there: S | undefined,
  read: (there: S | undefined) => T,
): Editing<T, S> {
  const [seen, setSeen] = useState(there);
  const [edit, setEdit] = useState(() => read(there));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fields = error instanceof ApiError ? error.fields : [];
  const theirs = theirsOf<S>(error);
  const seenSeq = seen?.seq ?? 0;

  const begin = (from: S | undefined): void => {
    setSeen(from);
    setEdit(read(from));
    setError(null);
  };
  if (there && seen && there.seq > seenSeq && !busy) {
    const before = read(seen);
    if (isSame(edit, before)) begin(there);
    else if (isSame(read(there), before)) setSeen(there);
  }

  const submit: Editing<T, S>["submit"] = async (work, over) => {
    if (busy) return;
    setBusy(true);
    setError(null);
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
      if (newer && seen && isSame(read(newer), read(over ?? seen)))
        await work(newer.seq, adopt).catch(setError);
      else setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return {
    edit,
    change: (part) => setEdit((now) => ({ ...now, ...part })),
    seenSeq,
    busy,
    wrong: wrongOf(error),
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

/** What an answer refused, by place. */
export function wrongOf(error: unknown): Wrong {
  const fields = error instanceof ApiError ? error.fields : [];
  return (path, exactly = false) => {
    const found = fields.find((each) => isAt(each.path, path, exactly));
    return found ? sentence(found.message) : null;
  };
}

const isAt = (place: string, path: string, exactly: boolean): boolean =>
  place === `body.${path}` || (!exactly && place.startsWith(`body.${path}.`));

const isOf = (place: string, edit: object): boolean => (place.split(".")[1] ?? "") in edit;

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
