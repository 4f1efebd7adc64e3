/** A desk in memory for looking at the screen: brands, people and conversations that read like real ones. */
import type { Actor, EventData, EventType, Head, Message, TimelineEntry } from "../src/api/types.ts";
import { agents, brands, MATTERS, PEOPLE } from "./people.ts";

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

export interface Conversation {
  head: Head;
  unread: boolean;
  entries: TimelineEntry[];
}

export const person = (id: string): Actor => ({
  kind: "agent",
  id,
  name: agents.find((each) => each.agent_id === id)?.name ?? id,
});
const customer = (name: string): Actor => ({ kind: "customer", id: "", name });

export function entry<T extends EventType>(
  seq: number,
  type: T,
  at: string,
  by: Actor,
  data: EventData[T],
  decision_id: string | null = null,
): TimelineEntry {
  return { id: `${type}-${seq}-${at}`, seq, type, at, by, decision_id, data } as TimelineEntry;
}

export function message(part: Partial<Message> & Pick<Message, "direction" | "author" | "text">): Message {
  return {
    entry_id: Math.random().toString(36).slice(2),
    subject: "",
    quoted_text: "",
    signature_text: "",
    to: [],
    cc: [],
    bcc: [],
    attachments: [],
    received_at: new Date().toISOString(),
    ...part,
  };
}

function build(n: number): Conversation {
  const name = pick(PEOPLE, n * 7 + 3);
  const [subject, text] = pick(MATTERS, n);
  const channel = n % 9 === 4 ? "phone" : n % 4 === 2 ? "chat" : "email";
  const address = `${name.toLowerCase().replace(" ", ".")}@mail.example`;
  const started = n * 11 + 95;
  const assignee = n % 3 === 0 ? "maya" : n % 5 === 0 ? "jonas" : null;
  const status = n % 11 === 5 ? "snoozed" : n % 6 === 5 ? "closed" : "open";
  const who = customer(name);
  const rule: Actor = { kind: "rule", id: "r1", name: "VIP first" };
  const first = message({
    direction: "in",
    author: who,
    text,
    subject,
    sender: { kind: "email", value: address, name },
    joined: "new",
    to: [pick(brands, n).addresses[0] ?? { address: "", name: "" }],
    signature_text: `${name}\nSent from my phone`,
    received_at: ago(started),
    ...(n === 3 && {
      html: `<table width="100%" bgcolor="#f4f1ea"><tr><td style="padding:24px;color:#333"><h2 style="color:#b45309">Hello from ${name}</h2><p>${text}</p><img src="https://images.example/banner.png" width="400"></td></tr></table>`,
    }),
    attachments:
      n % 8 === 1
        ? [
            {
              id: "p1",
              name: "handle-crack.jpg",
              content_type: "image/svg+xml",
              size_bytes: 482_113,
              inline: false,
              url: "/icon.svg",
            },
            {
              id: "p2",
              name: "invoice-10482.pdf",
              content_type: "application/pdf",
              size_bytes: 88_240,
              inline: false,
              url: "/icon.svg",
            },
          ]
        : [],
  });
  const call = {
    call_id: `call-${n}`,
    direction: "inbound" as const,
    state: "ended" as const,
    number: "+13105550177",
    line: "+13105550104",
    line_name: "Paleo Hacks",
    agent_email: "leo@switchboard.example",
    agent_name: "Leo Martins",
    started_at: ago(started),
    answered_at: n % 2 ? ago(started - 1) : null,
    ended_at: ago(started - 5),
    duration_s: n % 2 ? 252 : null,
    missed_reason: n % 2 ? "" : "no_available_agent",
    recording_url: n % 2 ? "https://recordings.example/call.mp3" : "",
    voicemail_url: "",
    comments: n % 2 ? ["Wants the refund to the old card."] : [],
    tags: [],
  };
  const entries: TimelineEntry[] = [
    entry(1, "ConversationStarted", ago(started), who, channel === "phone" ? { call } : { message: first }),
    entry(
      2,
      "Assigned",
      ago(started),
      rule,
      {
        team_id: "email-support",
        assignee_id: null,
        previous_team_id: null,
        previous_assignee_id: null,
        reason: "",
      },
      "d1",
    ),
    entry(3, "PriorityChanged", ago(started), rule, { priority: n % 7 === 1 }, "d1"),
  ];
  if (assignee && channel !== "phone") {
    const reply = message({
      direction: "out",
      author: person(assignee),
      text: "",
      html: `<p>Hi ${name.split(" ")[0]},</p><p>thanks for writing. I’ve asked our warehouse to look for the parcel and will tell you by tomorrow morning.</p><ul><li>If it is found, it leaves today.</li><li>If not, we send a <b>new one</b> by express.</li></ul><p>Best, ${person(assignee).name}</p>`,
      received_at: ago(60),
    });
    entries.push(
      entry(4, "Assigned", ago(70), person(assignee), {
        team_id: "email-support",
        assignee_id: assignee,
        previous_team_id: "email-support",
        previous_assignee_id: null,
        reason: "",
      }),
      entry(5, "NoteAdded", ago(68), person("jonas"), {
        entry_id: `n${n}`,
        text: "Warehouse says lot 88 was delayed.",
        html: '<p>Warehouse says lot 88 was delayed until Thursday. <span class="mention">@Maya Chen</span> please offer express.</p>',
        mentions: ["maya"],
      }),
      entry(6, "ReplySent", ago(60), person(assignee), { message: reply }),
      entry(
        7,
        "DeliveryUpdated",
        ago(59),
        { kind: "system", id: "", name: "" },
        { entry_id: reply.entry_id, state: "sent", recipient: address, reason: "" },
      ),
      entry(8, "Tagged", ago(58), person(assignee), { added: ["shipping"], removed: [] }),
      entry(9, "CustomerReplied", ago(12 + n), who, {
        message: message({
          direction: "in",
          author: who,
          text: "Thank you so much, that would be wonderful. Express sounds great!",
          quoted_text: "On Friday Maya wrote:\n> thanks for writing. I’ve asked our warehouse…",
          joined: "signed_reference",
          received_at: ago(12 + n),
          to: first.to,
          sender: first.sender ?? null,
        }),
      }),
      entry(10, "CustomerReplied", ago(11 + n), who, {
        message: message({
          direction: "in",
          author: who,
          text: "One more thing: could you leave it with the neighbours at number 12?",
          joined: "signed_reference",
          received_at: ago(11 + n),
        }),
      }),
    );
  }
  const head: Head = {
    id: `c-${n}`,
    links: [],
    attributes: [],
    call_attempts: 0,
    sides: [],
    merged_ids: [],
    followers: [],
    seq: entries.length,
    brand_id: pick(brands, n).brand_id,
    channel,
    account: pick(brands, n).addresses[0]?.address ?? "",
    contact_id: `p-${n}`,
    contact_name: channel === "phone" && n % 2 ? "" : name,
    handle:
      channel === "phone"
        ? { kind: "phone", value: "+13105550177", name: "" }
        : { kind: "email", value: address, name },
    subject: channel === "email" ? subject : "",
    description: text,
    preview: assignee
      ? "One more thing: could you leave it with the neighbours at number 12?"
      : channel === "phone"
        ? n % 2
          ? "Answered by Leo Martins, 4 min 12 s"
          : "Missed call"
        : text,
    preview_from: channel === "phone" ? "call" : "customer",
    status,
    snoozed_until: status === "snoozed" ? ago(-60 * 20) : null,
    priority: n % 7 === 1,
    spam: n % 97 === 50,
    team_id: "email-support",
    assignee_id: assignee,
    topic: n % 4 ? null : "Shipping",
    tags: assignee ? ["shipping"] : [],
    participants: {
      to: [{ address, name }],
      cc: n % 5 === 1 ? [{ address: "pat@mail.example", name: "Pat Hale" }] : [],
    },
    mentioned: assignee ? ["maya"] : [],
    created_by: null,
    started_at: ago(started),
    last_activity_at: ago(assignee ? 11 + n : started),
    activity: "CustomerReplied",
    waiting_since: ago(12 + n),
    first_reply_at: null,
    next_sla_at: n % 10 === 0 ? ago(-8 - n * 3) : null,
    closed_at: status === "closed" ? ago(10) : null,
    message_count: 3,
    call: channel === "phone" ? call : null,
  };
  return { head, unread: n % 4 === 0 || n === 1, entries };
}

export const conversations: Conversation[] = Array.from({ length: 1200 }, (_, n) => build(n));
