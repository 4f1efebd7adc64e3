/** A letter that is on its way to the customer, and what its author writes meanwhile. Pure. */
import type { Letter } from "@/data/drafts";

/** What is new in `now`, whose text is already without what is on its way. */
export function since(away: Letter, now: Letter): Letter {
  const gone = new Set(away.attachments.map(({ id }) => id));
  return {
    html: now.html,
    recipients: now.recipients === away.recipients ? null : now.recipients,
    attachments: now.attachments.filter(({ id }) => !gone.has(id)),
    actions: now.actions.filter((action) => !away.actions.includes(action)),
  };
}

/** Refused: it is the draft again, before what was written meanwhile. */
export function joined(away: Letter, later: Letter | null): Letter {
  if (!later) return away;
  return {
    html: away.html + later.html,
    recipients: later.recipients ?? away.recipients,
    attachments: [...away.attachments, ...later.attachments],
    actions: [...away.actions, ...later.actions],
  };
}
