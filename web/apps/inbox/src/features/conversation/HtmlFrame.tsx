import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Attachment } from "@/api/types";
import classes from "./Message.module.css";

const STYLE = `
  html { color-scheme: light; }
  body { margin: 0; padding: 12px 14px; background: #fff; color: #1b1b20; font: 13px/20px system-ui, sans-serif;
         overflow-wrap: anywhere; }
  body > :first-child { margin-top: 0; } body > :last-child { margin-bottom: 0; }
  img, table { max-width: 100% !important; height: auto; } img { vertical-align: middle; }
  a { color: #4338ca; } blockquote { margin: 0 0 0 8px; padding-left: 8px; border-left: 2px solid #d2d2d8; }
`;

/** Where the message's own files are served from; nothing else loads unasked. */
function originsOf(files: readonly Attachment[]): string {
  const origins = files.map((file) => (file.url ? new URL(file.url, location.href).origin : location.origin));
  return [...new Set([location.origin, ...origins])].join(" ");
}

function documentOf(html: string, files: readonly Attachment[], showImages: boolean): string {
  const images = `${originsOf(files)} data: blob:${showImages ? " https:" : ""}`;
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src ${images}; form-action 'none'; base-uri 'none'`;
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><style>${STYLE}</style></head><body>${html}</body></html>`;
}

interface HtmlFrameProps {
  html: string;
  files: readonly Attachment[];
  showImages: boolean;
}

/**
 * Designed mail in a frame of its own: no script can run there (sandbox without allow-scripts), nothing
 * loads but what its policy names. Same origin only so that its height can be measured from here.
 */
export function HtmlFrame({ html, files, showImages }: HtmlFrameProps): ReactNode {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(80);
  const source = useMemo(() => documentOf(html, files, showImages), [html, files, showImages]);
  const observer = useRef<ResizeObserver | null>(null);
  const measure = useCallback((): void => {
    const body = frame.current?.contentDocument?.body;
    if (!body) return;
    observer.current?.disconnect();
    observer.current = new ResizeObserver(() =>
      setHeight(Math.ceil(body.getBoundingClientRect().height) + 2),
    );
    observer.current.observe(body);
  }, []);
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
