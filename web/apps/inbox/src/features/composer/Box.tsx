import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import type { Head } from "@/api/types";
import { draftsQuery, NO_DRAFT } from "@/data/drafts";
import { waitsFor } from "@/data/undecided";
import type { ComposerMode } from "@/lib/desk";
import { aboutConversation } from "@/lib/draft-place";
import { unsavedAt } from "@/parts/drafts/useKeeper";
import classes from "./Composer.module.css";
import { type Start, Writing } from "./Writing";

interface BoxProps {
  head: Head;
  mode: ComposerMode;
}

/** One tab's box, once it is known what was written in it before: here, or on another device. */
export default function Box({ head, mode }: BoxProps): ReactNode {
  const place = { about: aboutConversation(head.id), box: mode };
  const { data, isError } = useQuery(draftsQuery(place.about));
  const start = useRef<Start>(undefined);
  const now = data?.[mode] ?? (data || isError ? NO_DRAFT : undefined);
  // What waits to be sent is no draft any more, though the server has it still.
  const draft = now && waitsFor(place) ? { ...NO_DRAFT, rev: now.rev } : now;
  if (draft && !start.current) start.current = { draft, unsaved: unsavedAt(place) };
  if (!start.current) return <div className={classes.waiting} />;
  return <Writing head={head} mode={mode} place={place} start={start.current} latest={draft ?? NO_DRAFT} />;
}
