/** Notices in words, by the conversation they are about, and as the browser's own. */
import type { Notice } from "@/api/notices";

/** "Lena Brandt mentioned you": who did what. */
export function noticeWords({ kind, by, contact_name, conversation_id }: Notice): string {
  const who = doer(by);
  const customer = contact_name || "The customer";
  switch (kind) {
    case "mention":
      return `${who} mentioned you`;
    case "team_mention":
      return `${who} mentioned your team`;
    case "assigned":
      return `${who} gave you ${conversation_id ? "this conversation" : "this ticket"}`;
    case "reply":
      return `${customer} replied`;
    case "ticket":
      return `${who} updated ${conversation_id ? "a linked ticket" : "this ticket"}`;
    case "call_missed":
      return `${contact_name || "Somebody"} called and wasn’t answered`;
    case "alert":
      return `${who} asks you to have a look`;
  }
}

function doer(by: Notice["by"]): string {
  if (by.name) return by.kind === "rule" ? `Rule “${by.name}”` : by.name;
  if (by.kind === "customer") return "The customer";
  return by.kind === "agent" ? "A colleague" : "Switchboard";
}

export interface NoticeGroup {
  key: string;
  /** Newest first. */
  notices: Notice[];
}

/** What each is about: a conversation, or a ticket alone. */
export const subjectOf = (notice: Notice): string =>
  notice.conversation_id ?? `ticket:${notice.ticket_id ?? notice.id}`;

/** By what they are about, that with the newest first. */
export function grouped(notices: readonly Notice[]): NoticeGroup[] {
  const groups = new Map<string, Notice[]>();
  for (const each of notices) {
    const key = subjectOf(each);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups].map(([key, of]) => ({ key, notices: of }));
}

/** What an address shows: the conversation or ticket in it. */
export function subjectAt(pathname: string): { conversation_id: string } | { ticket_id: string } | null {
  const [, page, , id] = pathname.split("/");
  if (!id) return null;
  if (page === "inbox") return { conversation_id: decodeURIComponent(id) };
  return page === "tickets" ? { ticket_id: decodeURIComponent(id) } : null;
}

export function addressOf(notice: Notice): string {
  if (!notice.conversation_id) return `/tickets/open/${encodeURIComponent(notice.ticket_id ?? "")}`;
  const inbox = notice.kind === "mention" || notice.kind === "team_mention" ? "mentions" : "mine";
  return `/inbox/${inbox}/${encodeURIComponent(notice.conversation_id)}`;
}

type Permission = NotificationPermission | "unsupported";

export const desktopPermission = (): Permission =>
  typeof Notification === "undefined" ? "unsupported" : Notification.permission;

/** To be called by a click alone: browsers hold it against a page that asks unbidden. */
export async function askForDesktop(): Promise<Permission> {
  if (typeof Notification === "undefined") return "unsupported";
  return Notification.requestPermission();
}

/** Shown once though several windows are open: the browser puts one of the same tag in the other's place. */
export function showOnDesktop(notice: Notice, open: (notice: Notice) => void): void {
  if (desktopPermission() !== "granted") return;
  const about = notice.title || notice.contact_name;
  try {
    const shown = new Notification(noticeWords(notice), {
      body: [about, notice.excerpt].filter(Boolean).join("\n"),
      tag: notice.id,
      icon: "/icon.svg",
    });
    shown.onclick = () => {
      window.focus();
      shown.close();
      open(notice);
    };
  } catch {
    // Some phones have the class and refuse to make one: the bell tells all the same.
  }
}
