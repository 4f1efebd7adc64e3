/** Reading and showing mailboxes as people type them. Pure. */
import type { Address, Head } from "@/api/types";

const MAILBOX = /^[^\s@<>()[\]\\,;:"]{1,64}@[^\s@<>()[\]\\,;:".]+(\.[^\s@<>()[\]\\,;:".]+)+$/;

export const isAddress = (text: string): boolean => MAILBOX.test(text.trim());

/** "Maya <maya@x.example>" or "maya@x.example" as an address; null when it is neither. */
export function readAddress(text: string): Address | null {
  const named = /^\s*"?([^"<]*?)"?\s*<([^<>]+)>\s*$/.exec(text);
  const address = (named?.[2] ?? text).trim().toLowerCase();
  return isAddress(address) ? { address, name: named?.[1]?.trim() ?? "" } : null;
}

/** Several at once, as pasted: apart by commas, semicolons or lines. What isn't one is given back. */
export function readAddresses(text: string): { read: Address[]; rest: string[] } {
  const parts = text
    .split(/[,;\n]+/)
    .map((part) => part.trim())
    .filter(Boolean);
  const read: Address[] = [];
  const rest: string[] = [];
  for (const part of parts) {
    const address = readAddress(part);
    if (address) read.push(address);
    else rest.push(part);
  }
  return { read, rest };
}

/** Those of `people` that `others` lack, each once. */
export function without(people: readonly Address[], others: readonly Address[]): Address[] {
  const taken = new Set(others.map((each) => each.address));
  return people.filter((each) => !taken.has(each.address) && taken.add(each.address));
}

export interface Recipients {
  to: Address[];
  cc: Address[];
  bcc: Address[];
}

/** Who a reply goes to at first: as the last message had it, else whoever wrote. */
export function replyRecipients(head: Head): Recipients {
  if (head.channel !== "email") return { to: [], cc: [], bcc: [] };
  const { to, cc } = head.participants;
  const writer: Address = { address: head.handle.value, name: head.handle.name || head.contact_name };
  return { to: to.length ? to : [writer], cc: without(cc, to), bcc: [] };
}

export const shortName = (person: Address): string => person.name || person.address;

/** The folded line: "Rosa Lind, +2 · cc Tom Hale". */
export function recipientsLine({ to, cc, bcc }: Recipients): string {
  const first = to.slice(0, 2).map(shortName).join(", ") || "Nobody yet";
  const more = to.length > 2 ? `, +${to.length - 2}` : "";
  const copies = cc.length ? ` · cc ${cc.length === 1 && cc[0] ? shortName(cc[0]) : cc.length}` : "";
  const blind = bcc.length ? ` · bcc ${bcc.length}` : "";
  return `${first}${more}${copies}${blind}`;
}
