import { IconLock } from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { clockTime, fullTime } from "@/lib/time";
import { Attachments } from "./Attachments";
import { cleanHtml } from "./html";
import type { Block } from "./layout";
import { PlainText } from "./MessageBody";
import classes from "./Timeline.module.css";

/** A private note, never seen by the customer. */
export function NoteBlock({ block }: { block: Extract<Block, { kind: "note" }> }): ReactNode {
  const clean = useMemo(() => cleanHtml(block.html, [], null), [block.html]);
  return (
    <article className={classes.note} aria-label={`Note by ${block.by.name}`}>
      <header>
        <IconLock size={13} aria-label="Private" />
        <b>{block.by.name || "Somebody"}</b>
        <time dateTime={block.at} title={fullTime(block.at)} className="sb-number">
          {clockTime(block.at)}
        </time>
      </header>
      {clean.html && clean.simple ? (
        // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised on the server and again by cleanHtml
        <div dir="auto" className={classes.noteText} dangerouslySetInnerHTML={{ __html: clean.html }} />
      ) : (
        <PlainText text={block.text} />
      )}
      <Attachments files={block.files} />
    </article>
  );
}
