/** Finds web and mail addresses in plain text. Gives parts, never markup, so nothing needs escaping. */

export interface Part {
  text: string;
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"']+|\bwww\.[^\s<>"']+\.[^\s<>"']+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;
const CLOSERS: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Without the punctuation that ends the sentence; a bracket stays when the address itself opened it. */
function trimmed(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address[end - 1] as string;
    const opener = CLOSERS[last];
    const body = address.slice(0, end);
    const unmatched = opener && body.split(last).length > body.split(opener).length;
    if (!unmatched && !/[.,;:!?'"…。、]/.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

function hrefOf(address: string): string {
  if (/^https?:/i.test(address)) return address;
  return /^www\./i.test(address) ? `https://${address}` : `mailto:${address}`;
}

export function parts(text: string): Part[] {
  const found: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: address, href: hrefOf(address) });
    at = match.index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}
