import { type ReactNode, useMemo, useState } from "react";
import type { Attachment, Message } from "@/api/types";
import { linkify } from "@/lib/linkify";
import { TextButton } from "@/ui/Quiet";
import { HtmlFrame } from "./HtmlFrame";
import { cleanHtml } from "./html";
import classes from "./Message.module.css";

/** A message's words: its new text, what it quoted folded away, remote images held back. */
export function MessageBody({ message }: { message: Message }): ReactNode {
  const [showImages, setShowImages] = useState(false);
  const [showQuoted, setShowQuoted] = useState(false);
  const { html, text, quoted_html, quoted_text, signature_text, attachments } = message;
  const quoted = Boolean(quoted_html || quoted_text || signature_text);
  const held = useHeld(html ?? null, showQuoted ? (quoted_html ?? null) : null, attachments);
  return (
    <>
      <Words html={html ?? null} text={text} files={attachments} showImages={showImages} />
      {held > 0 && !showImages && (
        <div className={classes.held}>
          {held === 1 ? "One image is" : `${held} images are`} held back to protect you.
          <TextButton onClick={() => setShowImages(true)}>Show images</TextButton>
        </div>
      )}
      {quoted && (
        <button
          type="button"
          className={classes.fold}
          aria-expanded={showQuoted}
          aria-label={showQuoted ? "Hide quoted text" : "Show quoted text"}
          title={showQuoted ? "Hide quoted text" : "Show quoted text"}
          onClick={() => setShowQuoted(!showQuoted)}
        >
          …
        </button>
      )}
      {showQuoted && (
        <div className={classes.quoted}>
          {signature_text && <PlainText text={signature_text} />}
          <Words html={quoted_html ?? null} text={quoted_text} files={attachments} showImages={showImages} />
        </div>
      )}
    </>
  );
}

function useHeld(html: string | null, quotedHtml: string | null, files: readonly Attachment[]): number {
  return useMemo(
    () => cleanHtml(`${html ?? ""}${quotedHtml ?? ""}`, files, false).heldImages,
    [html, quotedHtml, files],
  );
}

interface WordsProps {
  html: string | null;
  text: string;
  files: readonly Attachment[];
  showImages: boolean;
}

function Words({ html, text, files, showImages }: WordsProps): ReactNode {
  const clean = useMemo(() => (html ? cleanHtml(html, files, showImages) : null), [html, files, showImages]);
  if (!clean?.html.trim()) return text ? <PlainText text={text} /> : null;
  if (clean.simple) {
    // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised on the server and again by cleanHtml; only simple tags without styles come here
    return <div className={classes.rich} dangerouslySetInnerHTML={{ __html: clean.html }} />;
  }
  return <HtmlFrame html={clean.html} files={files} showImages={showImages} />;
}

export function PlainText({ text }: { text: string }): ReactNode {
  return <div className={classes.plain}>{linkify(text)}</div>;
}
