import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Attachment, Message } from "@/api/types";
import { imageLinks } from "@/data/images";
import { linkify } from "@/lib/linkify";
import { TextButton } from "@/ui/Quiet";
import { HtmlFrame } from "./HtmlFrame";
import { cleanHtml, type ImageLinks } from "./html";
import classes from "./Message.module.css";

interface MessageBodyProps {
  message: Message;
  conversationId: string;
  /** Its place on the timeline. */
  seq: number;
}

/** A message's words: its new text, what it quoted folded away, remote images held back. */
export function MessageBody({ message, conversationId, seq }: MessageBodyProps): ReactNode {
  const { links, trouble, show } = useImages(conversationId, seq);
  const [showQuoted, setShowQuoted] = useState(false);
  const [broken, setBroken] = useState({ new: 0, quoted: 0 });
  const { html, text, quoted_html, quoted_text, signature_text, attachments } = message;
  const quoted = Boolean(quoted_html || quoted_text || signature_text);
  const held = useHeld(html ?? null, showQuoted ? (quoted_html ?? null) : null, attachments);
  const onBroken = useCallback((count: number) => setBroken((now) => ({ ...now, new: count })), []);
  const onBrokenQuoted = useCallback((count: number) => setBroken((now) => ({ ...now, quoted: count })), []);
  const lost = broken.new + (showQuoted ? broken.quoted : 0);
  return (
    <>
      <Words html={html ?? null} text={text} files={attachments} links={links} onBroken={onBroken} />
      {held > 0 && !links && (
        <div className={classes.held}>
          {held === 1 ? "One image is" : `${held} images are`} held back to protect you.
          <TextButton onClick={show}>Show images</TextButton>
          {trouble && <span role="alert">{trouble}</span>}
        </div>
      )}
      {links && lost > 0 && (
        <div className={classes.held} role="status">
          {lost === 1 ? "One image" : `${lost} images`} could not be shown: gone, too large, or not an image.
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
          <Words
            html={quoted_html ?? null}
            text={quoted_text}
            files={attachments}
            links={links}
            onBroken={onBrokenQuoted}
          />
        </div>
      )}
    </>
  );
}

/** The links to a message's remote images, once they were asked for, and what went wrong with asking. */
function useImages(conversationId: string, seq: number) {
  const [links, setLinks] = useState<ImageLinks>(null);
  const [trouble, setTrouble] = useState("");
  const asking = useRef(false);
  const show = (): void => {
    if (asking.current) return;
    asking.current = true;
    setTrouble("");
    imageLinks(conversationId, seq)
      .then(setLinks, (error: unknown) => setTrouble(sentenceOf(error)))
      .finally(() => {
        asking.current = false;
      });
  };
  return { links, trouble, show };
}

function useHeld(html: string | null, quotedHtml: string | null, files: readonly Attachment[]): number {
  return useMemo(
    () => cleanHtml(`${html ?? ""}${quotedHtml ?? ""}`, files, null).heldImages,
    [html, quotedHtml, files],
  );
}

interface WordsProps {
  html: string | null;
  text: string;
  files: readonly Attachment[];
  links: ImageLinks;
  onBroken: (count: number) => void;
}

function Words({ html, text, files, links, onBroken }: WordsProps): ReactNode {
  const clean = useMemo(() => (html ? cleanHtml(html, files, links) : null), [html, files, links]);
  if (!clean?.html.trim()) return text ? <PlainText text={text} /> : null;
  if (clean.simple) {
    // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised on the server and again by cleanHtml; only simple tags without styles come here
    return <div dir="auto" className={classes.rich} dangerouslySetInnerHTML={{ __html: clean.html }} />;
  }
  return <HtmlFrame html={clean.html} files={files} links={links} onBroken={onBroken} />;
}

export function PlainText({ text }: { text: string }): ReactNode {
  return (
    <div dir="auto" className={classes.plain}>
      {linkify(text)}
    </div>
  );
}
