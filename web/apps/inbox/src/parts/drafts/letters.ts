/** What is on its way, and what its author writes meanwhile. Pure. */
import type { Draft } from "@/api/drafts";
import { type Letter, NO_DRAFT } from "@/data/drafts";
import { isSame } from "@/lib/same";

/** What its author wrote of a draft; files as they are sent, without their links. */
export const letterOf = ({ rev: _, updated_at: __, ...draft }: Draft): Letter => ({
  ...draft,
  attachments: draft.attachments.map(({ url: ___, ...file }) => file),
});

export const NO_LETTER: Letter = letterOf(NO_DRAFT);

export const isNothing = ({ html, text, recipients, attachments, actions, fields }: Letter): boolean =>
  !html &&
  !text &&
  !recipients &&
  attachments.length + actions.length === 0 &&
  Object.keys(fields).length === 0;

/** What was written since behind what is sent now. */
export const withoutSent = (sent: string, now: string): string =>
  now.startsWith(sent) ? now.slice(sent.length).trimStart() : now;

/** What is new in `now`, whose `html` is already without what is on its way. */
export function since(away: Letter, now: Letter): Letter {
  const gone = new Set(away.attachments.map(({ id }) => id));
  return {
    html: now.html,
    text: withoutSent(away.text, now.text),
    recipients: isSame(now.recipients, away.recipients) ? null : now.recipients,
    attachments: now.attachments.filter(({ id }) => !gone.has(id)),
    actions: now.actions.filter((action) => !away.actions.includes(action)),
    fields: isSame(now.fields, away.fields) ? {} : now.fields,
  };
}

/** Refused: it is the draft again, before what was written meanwhile. */
export function joined(away: Letter, later: Letter | null): Letter {
  if (!later) return away;
  return {
    html: away.html + later.html,
    text: [away.text, later.text].filter(Boolean).join("\n"),
    recipients: later.recipients ?? away.recipients,
    attachments: [...away.attachments, ...later.attachments],
    actions: [...away.actions, ...later.actions],
    fields: { ...away.fields, ...later.fields },
  };
}
