/** Between the box and what is sent or kept. Pure, but for the HTML parser of the browser. */
import type { Attachment } from "@/api/types";

const parsed = (html: string): Document => new DOMParser().parseFromString(html, "text/html");

/** Images in the text go by the id the mail carries them under, not by what this page shows. */
export function outgoingHtml(html: string): { html: string; cids: Set<string> } {
  const document = parsed(html);
  const cids = new Set<string>();
  for (const image of document.querySelectorAll("img[data-cid]")) {
    const cid = image.getAttribute("data-cid") ?? "";
    image.setAttribute("src", `cid:${cid}`);
    image.removeAttribute("data-cid");
    cids.add(cid);
  }
  return { html: document.body.innerHTML, cids };
}

/** The other way: images that were kept are shown from where their files lie. */
export function incomingHtml(html: string, files: readonly Attachment[]): string {
  if (!html.includes("cid:")) return html;
  const document = parsed(html);
  for (const image of document.querySelectorAll('img[src^="cid:"]')) {
    const cid = (image.getAttribute("src") ?? "").slice("cid:".length);
    image.setAttribute("data-cid", cid);
    image.setAttribute("src", files.find((file) => file.content_id === cid)?.url ?? "");
  }
  return document.body.innerHTML;
}

const BEGINNING_CHARS = 140;

/** How a text begins, in plain words. */
export function beginning(html: string): string {
  const words = parsed(html.replace(/<\/(p|div|li)>|<br>/g, "$& ")).body.textContent?.trim() ?? "";
  return words.replace(/\s+/g, " ").slice(0, BEGINNING_CHARS);
}
