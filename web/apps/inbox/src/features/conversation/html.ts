/** Cleaning message HTML a second time (the server cleaned it once) and telling simple text from designed mail. */
import DOMPurify, { type Config } from "dompurify";
import type { Attachment } from "@/api/types";

const CONFIG: Config = {
  USE_PROFILES: { html: true },
  FORBID_TAGS: [
    "style",
    "form",
    "input",
    "button",
    "textarea",
    "select",
    "video",
    "audio",
    "iframe",
    "object",
    "meta",
    "link",
    "base",
  ],
  FORBID_ATTR: ["srcset", "background", "id", "name", "ping"],
  ALLOW_DATA_ATTR: false,
  ADD_ATTR: ["data-type", "data-remote-src"],
  // DOMPurify tries this on every attribute that may hold an address, so plain words must pass too.
  ALLOWED_URI_REGEXP:
    /^(?:(?:https?|mailto|tel|cid):|data:image\/(?:png|gif|jpe?g|webp)[;,]|[^a-z]|[a-z+.-]+(?:[^a-z+.:-]|$))/i,
  RETURN_DOM_FRAGMENT: true,
};

const DESIGNED =
  "table, [bgcolor], [style*=background], [style*=color], [style*=width], center, font, img:not([data-own])";
const REMOTE_STYLE = /url\s*\(/i;

export interface CleanHtml {
  html: string;
  /** Plain enough to be shown in our own type, in the page. Else it goes into a frame of its own. */
  simple: boolean;
  /** Images elsewhere on the net, held back unless asked for: loading them tells the sender who reads. */
  heldImages: number;
}

/** Links to remote images by their address in the message; null until somebody asks for them. */
export type ImageLinks = ReadonlyMap<string, string> | null;

/** An image elsewhere on the net: by its link when there is one, never from where it is. True: it is held back. */
function placeRemote(image: HTMLImageElement, source: string, links: ImageLinks): boolean {
  image.removeAttribute("src");
  if (links === null) {
    image.remove();
    return true;
  }
  // Without a link it stays as an image that is not there.
  image.setAttribute("src", links.get(source) ?? "data:,");
  image.setAttribute("data-remote", "");
  return false;
}

/** Where an image's bytes are: an attachment of the message, the message itself, or elsewhere. */
function placeImages(root: DocumentFragment, files: readonly Attachment[], links: ImageLinks): number {
  let held = 0;
  for (const image of root.querySelectorAll("img")) {
    const source = image.getAttribute("data-remote-src") ?? image.getAttribute("src") ?? "";
    image.removeAttribute("data-remote-src");
    image.setAttribute("referrerpolicy", "no-referrer");
    if (/^https?:/i.test(source)) {
      held += Number(placeRemote(image, source, links));
      continue;
    }
    image.setAttribute("loading", "lazy");
    if (source.startsWith("cid:")) {
      const wanted = source.slice(4).replace(/^<|>$/g, "");
      const file = files.find(
        (each) => (each.content_id ?? "").replace(/^<|>$/g, "") === wanted || each.id === wanted,
      );
      if (file?.url) {
        image.setAttribute("src", file.url);
        image.setAttribute("data-own", "");
      } else image.remove();
    } else if (!source.startsWith("data:image/")) {
      image.remove();
    }
  }
  return held;
}

function safeLinks(root: DocumentFragment): void {
  for (const link of root.querySelectorAll("a[href]")) {
    // An address without a scheme would lead into the inbox itself.
    if (!/^(?:https?:|mailto:|tel:)/i.test(link.getAttribute("href") ?? "")) link.removeAttribute("href");
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "noopener noreferrer nofollow");
  }
}

function withoutRemoteStyles(root: DocumentFragment): void {
  for (const element of root.querySelectorAll("[style]")) {
    if (REMOTE_STYLE.test(element.getAttribute("style") ?? "")) element.removeAttribute("style");
  }
}

export function cleanHtml(dirty: string, files: readonly Attachment[], links: ImageLinks): CleanHtml {
  const root = DOMPurify.sanitize(dirty, CONFIG) as unknown as DocumentFragment;
  withoutRemoteStyles(root);
  const heldImages = placeImages(root, files, links);
  safeLinks(root);
  const simple = root.querySelector(DESIGNED) === null;
  if (simple)
    for (const element of root.querySelectorAll("[style], [class]")) {
      element.removeAttribute("style");
      element.removeAttribute("class");
    }
  // In the parser's own document, where nothing loads: an image adopted into the page would at once.
  const holder = root.ownerDocument.createElement("div");
  holder.append(root);
  return { html: holder.innerHTML, simple, heldImages };
}
