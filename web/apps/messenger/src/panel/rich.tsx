/**
 * An agent's HTML, once more through an allow-list although tickets has sanitised it: parsed by an inert
 * document and rebuilt element by element, so that nothing but what is named here can come out.
 */

import { type ComponentChildren, h } from "preact";
import { parts } from "./model/links";

const KEPT = new Set(
  "a b blockquote br code del div em h1 h2 h3 i li ol p pre s span strong sub sup u ul".split(" "),
);
/** Gone with all that is in them; of anything else unknown the text is kept. */
const DROPPED = new Set("iframe math noscript object script style svg template title".split(" "));
const MAX_DEPTH = 30;

export function linked(text: string): ComponentChildren {
  return parts(text).map((part) => (part.href ? anchor(part.href, part.text) : part.text));
}

export function rich(html: string): ComponentChildren {
  const inert = new DOMParser().parseFromString(html, "text/html");
  return children(inert.body, 0, false);
}

function anchor(href: string, content: ComponentChildren): ComponentChildren {
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "auto" }, content);
}

function children(node: Node, depth: number, inLink: boolean): ComponentChildren {
  return depth > MAX_DEPTH
    ? node.textContent
    : [...node.childNodes].map((child) => rebuilt(child, depth + 1, inLink));
}

function rebuilt(node: Node, depth: number, inLink: boolean): ComponentChildren {
  if (node.nodeType === Node.TEXT_NODE) return inLink ? node.textContent : linked(node.textContent ?? "");
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  const element = node as Element;
  const name = element.localName;
  if (DROPPED.has(name)) return null;
  const href = name === "a" ? safe(element.getAttribute("href") ?? "") : "";
  const content = children(node, depth, inLink || href !== "");
  if (href) return anchor(href, content);
  if (name === "a" || !KEPT.has(name)) return content;
  if (name === "br") return h("br", null);
  return h(name === "h1" || name === "h2" ? "h3" : name, { dir: "auto" }, content);
}

/** Only where a visitor may be sent: the web, mail and phone. "" for the rest. */
function safe(href: string): string {
  return /^(https?:\/\/|mailto:|tel:)/i.test(href.trim()) ? href.trim() : "";
}
