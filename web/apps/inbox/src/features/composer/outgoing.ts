/** From the box to what is sent. Pure, but for the HTML parser of the browser. */

/** Images in the text go by the id the mail carries them under, not by what this page shows. */
export function outgoingHtml(html: string): { html: string; cids: Set<string> } {
  const document = new DOMParser().parseFromString(html, "text/html");
  const cids = new Set<string>();
  for (const image of document.querySelectorAll("img[data-cid]")) {
    const cid = image.getAttribute("data-cid") ?? "";
    image.setAttribute("src", `cid:${cid}`);
    image.removeAttribute("data-cid");
    cids.add(cid);
  }
  return { html: document.body.innerHTML, cids };
}
