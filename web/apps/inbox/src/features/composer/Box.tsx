import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import type { Draft } from "@/api/drafts";
import type { Head } from "@/api/types";
import { draftsQuery } from "@/data/drafts";
import { waitsFor } from "@/data/undecided";
import type { ComposerMode } from "@/lib/desk";
import classes from "./Composer.module.css";
import { unsavedAt } from "./useKeeper";
import { type Start, Writing } from "./Writing";

const NOTHING: Draft = { rev: 0, html: "", recipients: null, attachments: [], actions: [], updated_at: null };

interface BoxProps {
  head: Head;
  mode: ComposerMode;
  agentId: string;
}

/** One tab's box, once it is known what was written in it before: here, or on another device. */
export default function Box({ head, mode, agentId }: BoxProps): ReactNode {
  const { data, isError } = useQuery(draftsQuery(head.id));
  const start = useRef<Start>(undefined);
  const place = { agentId, conversationId: head.id, mode };
  const now = data?.[mode] ?? (isError ? NOTHING : undefined);
  // What waits to be sent is no draft any more, though the server has it still.
  const draft = now && waitsFor(head.id, mode) ? { ...NOTHING, rev: now.rev } : now;
  if (draft && !start.current) start.current = { draft, unsaved: unsavedAt(place) };
  if (!start.current) return <div className={classes.waiting} />;
  return <Writing head={head} place={place} start={start.current} latest={draft ?? NOTHING} />;
}
