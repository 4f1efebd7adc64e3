import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Attachment } from "@/api/types";
import type { ImageLinks } from "./html";
import classes from "./Message.module.css";

const STYLE = `
  html { color-scheme: light; }
  body { margin: 0; padding: 12px 14px; background: #fff; color: #1b1b20; font: 13px/20px system-ui, sans-serif;
         overflow-wrap: anywhere; }
  body > :first-child { margin-top: 0; } body > :last-child { margin-bottom: 0; }
  img, table { max-width: 100% !important; height: auto; } img { vertical-align: middle; }
  a { color: #4338ca; } blockquote { margin: 0; margin-inline-start: 8px; padding-inline-start: 8px; border-inline-start: 2px solid #d2d2d8; }
`;

/** Where the message's own files are served from, and the web's images that were asked for; nothing else loads. */
function originsOf(files: readonly Attachment[], links: ImageLinks): string {
  const urls = [...files.flatMap((file) => file.url ?? []), ...(links?.values() ?? [])];
  return [...new Set([location.origin, ...urls.map((url) => new URL(url, location.href).origin)])].join(" ");
}

function documentOf(html: string, files: readonly Attachment[], links: ImageLinks): string {
  const images = `${originsOf(files, links)} data: blob:`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src ${images}; form-action 'none'; base-uri 'none'`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${STYLE}</style></head><body dir="auto">${html}</body></html>`;
}

/** Images of the web that were asked for and did not come. */
function brokenIn(body: HTMLElement): number {
  const asked = [...body.querySelectorAll<HTMLImageElement>("img[data-remote]")];
  return asked.filter((image) => image.naturalWidth === 0).length;
}

interface HtmlFrameProps {
  html: string;
  files: readonly Attachment[];
  links: ImageLinks;
  onBroken: (count: number) => void;
}

/**
 * Designed mail in a frame of its own: no script can run there (sandbox without allow-scripts), nothing
 * loads but what its policy names. Same origin only so that its height can be measured from here.
 */
export function HtmlFrame({ html, files, links, onBroken }: HtmlFrameProps): ReactNode {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(80);
  const source = useMemo(() => documentOf(html, files, links), [html, files, links]);
  const observer = useRef<ResizeObserver | null>(null);
  const measure = useCallback((): void => {
    const body = frame.current?.contentDocument?.body;
    if (!body) return;
    onBroken(brokenIn(body));
    observer.current?.disconnect();
    observer.current = new ResizeObserver(() =>
      setHeight(Math.ceil(body.getBoundingClientRect().height) + 2),
    );
    observer.current.observe(body);
  }, [onBroken]);
  useEffect(() => () => observer.current?.disconnect(), []);
  return (
    <iframe
      ref={frame}
      title="Message"
      className={classes.frame}
      sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
      srcDoc={source}
      style={{ height }}
      onLoad={measure}
    />
  );
}
