/** How people are called on the screen. Pure. */
import type { Head } from "@/api/types";

const NORTH_AMERICAN = /^\+1(\d{3})(\d{3})(\d{4})$/;

/** A number as people write it (E.164 of North America); anything else as it is. */
export const showHandle = (value: string): string => value.replace(NORTH_AMERICAN, "+1 $1 $2 $3");

/** Who a conversation is with: the name, else the address or number. */
export function personName(head: Head): string {
  const name = head.contact_name || head.handle.name;
  if (name) return showHandle(name);
  return head.handle.kind === "visitor" ? "Visitor" : showHandle(head.handle.value);
}

/** "Ann Lee: Where is my parcel?": what a conversation is called in a sentence. */
export const titleOf = (head: Head): string =>
  head.subject ? `${personName(head)}: ${head.subject}` : personName(head);
