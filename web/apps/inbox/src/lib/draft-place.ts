/** Where an agent writes, as the server knows it too. */

/** What is written about: one that is there, or "" for what is not there yet. */
export type About = `${"conversations" | "tickets" | "contacts"}/${string}` | "";

/** About what, and in which of its boxes. */
export interface DraftPlace {
  about: About;
  box: string;
}

const aboutOne =
  (kind: "conversations" | "tickets" | "contacts") =>
  (id: string): About =>
    `${kind}/${encodeURIComponent(id)}`;

export const aboutConversation = aboutOne("conversations");
export const aboutTicket = aboutOne("tickets");
export const aboutContact = aboutOne("contacts");
