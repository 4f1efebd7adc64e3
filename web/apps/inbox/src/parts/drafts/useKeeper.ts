import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { OfflineError, signedInId } from "@/api/client";
import type { Draft } from "@/api/drafts";
import { draftsQuery, type Letter, NO_DRAFT, putDraft } from "@/data/drafts";
import { waitsFor } from "@/data/undecided";
import type { DraftPlace } from "@/lib/draft-place";
import { keep, recall } from "@/lib/keep";
import { aboutOf, type Unsent } from "@/lib/waiting";
import { DraftKeeper, type Kept, leftKeepers, openKeepers, UNKNOWN, type Unsaved } from "./keeper";
import { joined } from "./letters";

/** One's own: others may sit at the same browser. No two things have the same id, whatever they are. */
export const nameOf = ({ about, box }: DraftPlace, agentId = signedInId()): string =>
  `unsaved.${agentId}.${about.slice(about.indexOf("/") + 1)}.${box}`;

/** What was written in this browser and never reached the server. */
export const unsavedAt = (place: DraftPlace): Unsaved | null => recall<Unsaved>(nameOf(place));

/** What a box that was left there is sending still; null: nothing. */
export const underwayAt = (place: DraftPlace): Promise<void> | null =>
  leftKeepers.get(nameOf(place))?.underway ?? null;

/** Has the server have what was written there: others act after it. */
export async function flushed(place: DraftPlace): Promise<void> {
  const name = nameOf(place);
  await (openKeepers.get(name) ?? leftKeepers.get(name))?.flush();
}

interface Keeping {
  keeper: DraftKeeper;
  kept: Kept;
  /** The draft as somebody wrote it elsewhere meanwhile; null: nobody did. */
  other: Draft | null;
  /** The draft that the server has now. */
  ask: () => Promise<Draft>;
}

/** Keeps one box's draft while it is open, and what is still unsaved when it closes. */
export function useKeeper(place: DraftPlace, start: { rev: number; unsaved: Unsaved | null }): Keeping {
  const client = useQueryClient();
  const [kept, setKept] = useState<Kept>("no");
  const [other, setOther] = useState<Draft | null>(null);
  const made = useRef<DraftKeeper>(undefined);
  const { about, box } = place;
  const agentId = signedInId();
  const name = nameOf(place);
  made.current ??= new DraftKeeper(
    start.unsaved?.rev ?? start.rev,
    {
      put: (rev, letter) => {
        // The server throws the draft away with what waits: this one may only come after it.
        // And somebody else may be signed in by now.
        if (waitsFor(place) || agentId !== signedInId()) throw new OfflineError();
        return putDraft(client, place, rev, letter);
      },
      remember: (unsaved) => keep(name, unsaved),
      onKept: setKept,
      onOther: setOther,
    },
    start.unsaved?.behind || waitsFor(place),
  );
  const keeper = made.current;
  const { unsaved } = start;
  // As it was when the box began: its draft is of that moment.
  const before = useRef(leftKeepers.get(name)).current;
  useEffect(() => {
    openKeepers.set(name, keeper);
    if (before) keeper.follow(before);
    // What is on its way is no draft again but for who sends it.
    if (unsaved && !before?.underway) keeper.write(unsaved.letter);
    return () => {
      if (openKeepers.get(name) === keeper) openKeepers.delete(name);
      leftKeepers.set(name, keeper);
      void keeper.flush().then(() => {
        if (keeper.settled && leftKeepers.get(name) === keeper) leftKeepers.delete(name);
      });
    };
  }, [keeper, before, name, unsaved]);
  const ask = async (): Promise<Draft> => (await client.fetchQuery(draftsQuery(about)))[box] ?? NO_DRAFT;
  return { keeper, kept, other, ask };
}

/**
 * Put back what was sent and refused, or taken back, before what was written since: the box begins with it the next time
 * it opens. `letter`: what is left of it.
 */
export function restore(entry: Unsent, letter = entry.written.letter as Letter): void {
  const { mode, rev } = entry.written;
  const name = nameOf({ about: aboutOf(entry), box: mode }, entry.agentId);
  const since = recall<Unsaved>(name);
  openKeepers.get(name)?.drop();
  keep(name, { rev, letter: joined(letter, since?.letter ?? null), behind: true } satisfies Unsaved);
}

/** Go on with it in another box. */
export const goOnAt = (place: DraftPlace, letter: Letter): void =>
  void keep(nameOf(place), { rev: UNKNOWN, letter } satisfies Unsaved);
