/** Answers the services' routes from memory (`vite --mode mock`), for looking at the screen without servers. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";
import type { EventData, EventType, Head } from "../src/api/types.ts";
import { belongs, inOrder } from "../src/data/membership.ts";
import { type Conversation, conversations, entry, message, person } from "./data.ts";
import { decision } from "./decision.ts";
import { acceptLive, broadcast } from "./live.ts";
import { agents, brands, me, role, teams } from "./people.ts";

type Json = Record<string, unknown>;
type Answer = { status: number; body?: unknown };

const ok = (body: unknown): Answer => ({ status: 200, body });
const filters = (search: URLSearchParams) => ({
  inbox: search.get("inbox") ?? "mine",
  status: (search.get("status") ?? "open") as "open",
  sort: (search.get("sort") ?? "newest") as "newest",
});

const NO_DRAFT = {
  rev: 0,
  html: "",
  text: "",
  recipients: null,
  attachments: [],
  actions: [],
  fields: {},
  updated_at: null,
};

let availability = agents.map((agent, n) => ({
  agent_id: agent.agent_id,
  status: n % 2 ? "away" : "online",
  reason: n % 2 ? "Coaching" : "",
  load: 3,
  capacity: 20,
}));

function list(search: URLSearchParams): Answer {
  const filter = filters(search);
  const found = conversations
    .filter((each) => belongs(each.head, filter, "maya"))
    .sort((a, b) => inOrder(filter.sort)(a.head, b.head));
  const from = Number(search.get("cursor") ?? 0);
  const items = found.slice(from, from + 50).map(({ head, unread }) => ({ head, unread }));
  return ok({ items, next_cursor: from + 50 < found.length ? String(from + 50) : null, total: found.length });
}

function counts(): Answer {
  const keys = [
    "mine",
    "mentions",
    "created",
    "following",
    "all",
    "unassigned",
    "spam",
    ...brands.map((each) => `brand:${each.brand_id}`),
    ...teams.map((each) => `team:${each.team_id}`),
  ];
  const of = (key: string): Conversation[] =>
    conversations.filter((each) =>
      belongs(each.head, { inbox: key, status: "open", sort: "newest" }, "maya"),
    );
  return ok({
    counts: Object.fromEntries(keys.map((key) => [key, of(key).length])),
    waiting: Object.fromEntries(
      keys.map((key) => [key, key === "mine" ? of(key).filter((each) => each.unread).length : 0]),
    ),
  });
}

function happen<T extends EventType>(
  found: Conversation,
  type: T,
  data: EventData[T],
  change: Partial<Head>,
): Answer {
  const at = new Date().toISOString();
  const seq = found.head.seq + 1;
  const event = entry(seq, type, at, person("maya"), data);
  found.head = { ...found.head, ...change, seq, last_activity_at: at };
  found.entries.push(event);
  broadcast({
    type: "event",
    id: `${found.head.id}-${seq}`,
    event: { ...event, conversation_id: found.head.id },
    head: found.head,
  });
  return ok({ head: found.head, events: [event] });
}

function command(found: Conversation, name: string, body: Json): Answer {
  const { head } = found;
  switch (name) {
    case "read":
      found.unread = false;
      return { status: 204 };
    case "close":
      return happen(found, "Closed", {}, { status: "closed" });
    case "reopen":
      return happen(found, "Reopened", {}, { status: "open" });
    case "wake":
      return happen(found, "Woken", { reason: "agent" }, { status: "open", snoozed_until: null });
    case "snooze":
      return happen(
        found,
        "Snoozed",
        { until: String(body.until) },
        { status: "snoozed", snoozed_until: String(body.until) },
      );
    case "priority":
      return happen(
        found,
        "PriorityChanged",
        { priority: body.priority === true },
        { priority: body.priority === true },
      );
    case "assign": {
      const to = { team_id: body.team_id as string | null, assignee_id: body.assignee_id as string | null };
      const from = { previous_team_id: head.team_id ?? null, previous_assignee_id: head.assignee_id ?? null };
      return happen(found, "Assigned", { ...to, ...from, reason: "" }, to);
    }
    case "tags": {
      const [added, removed] = [body.add as string[], body.remove as string[]];
      return happen(
        found,
        "Tagged",
        { added, removed },
        { tags: [...head.tags.filter((tag) => !removed.includes(tag)), ...added] },
      );
    }
    case "topic":
      return happen(
        found,
        "TopicChanged",
        { topic: body.topic as string | null },
        { topic: body.topic as string | null },
      );
    case "note":
      return happen(
        found,
        "NoteAdded",
        { entry_id: "x", text: "", html: String(body.html), mentions: [] },
        {},
      );
    case "reply":
      if (String(body.html).includes("too late") && Number(body.seen_seq) < head.seq + 1 && !found.unread) {
        found.unread = true;
        return {
          status: 409,
          body: { title: "Newer message", detail: "The customer has written again.", code: "newer_message" },
        };
      }
      return happen(
        found,
        "ReplySent",
        { message: message({ direction: "out", author: person("maya"), text: "", html: String(body.html) }) },
        { preview: "…", preview_from: "agent" },
      );
    default:
      return { status: 404, body: { title: "Not found" } };
  }
}

function answer(method: string, path: string, search: URLSearchParams, body: Json): Answer {
  const session = { access_token: "dev", expires_in_s: 600, agent: me.agent };
  if (path === "/api/tickets/session/refresh")
    return signedIn ? ok(session) : { status: 401, body: { title: "Sign in" } };
  if (path === "/api/tickets/session") return signIn(method, body, session);
  if (path === "/api/tickets/me") return ok(me);
  if (path === "/api/tickets/directory")
    return ok({
      agents,
      teams,
      roles: [role],
      brands,
      ticket_types: [],
      attributes: [],
      settings: { seq: 0, away_reasons: [] },
    });
  if (path === "/api/tickets/inboxes") return counts();
  if (path === "/api/tickets/tags")
    return ok([
      { tag: "shipping", count: 40 },
      { tag: "refund", count: 12 },
    ]);
  if (path === "/api/tickets/views" || path === "/api/tickets/bulk") return ok({ items: [] });
  if (path === "/api/tickets/outbox") return ok({ items: [] });
  if (path === "/api/tickets/preferences") return ok({ undo_send_s: 0 });
  if (path === "/api/tickets/macros") return ok({ items: [], variables: [] });
  if (path === "/api/tickets/sidebar")
    return ok({ pinned: [], unpinned: ["all", "unassigned"], changed: false });
  if (path === "/api/routing/availability")
    return ok({ items: availability, away_reasons: ["Break/Lunch", "Coaching", "In a meeting"] });
  if (path === "/api/routing/availability/me") {
    availability = availability.map((each) =>
      each.agent_id === "maya" ? { ...each, status: String(body.status), reason: String(body.reason) } : each,
    );
    return ok({});
  }
  if (path.startsWith("/api/routing/decisions/")) return ok(decision);
  if (path === "/api/ingest/attachments")
    return ok({
      id: crypto.randomUUID(),
      name: "file",
      content_type: "image/png",
      size_bytes: 1000,
      inline: false,
    });
  if (path === "/api/tickets/conversations")
    return method === "GET"
      ? list(search)
      : ok(happen(conversations[0] as Conversation, "Reopened", {}, {}).body);
  if (path.endsWith("/drafts")) return ok(method === "GET" ? { items: {} } : NO_DRAFT);
  const [, id, name] = /^\/api\/tickets\/conversations\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  const found = conversations.find((each) => each.head.id === id);
  if (!found) return { status: 404, body: { title: "Not found" } };
  if (!name) return ok({ head: found.head, unread: found.unread });
  if (name === "timeline") return ok({ items: found.entries, has_more: false });
  return command(found, name, body);
}

let signedIn = false;

function signIn(method: string, body: Json, session: unknown): Answer {
  signedIn = method === "POST" && body.password === "switchboard-demo";
  if (method === "DELETE") return { status: 204 };
  return signedIn ? ok(session) : { status: 401, body: { title: "No" } };
}

async function read(request: IncomingMessage): Promise<Json> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as Json;
  } catch {
    return {};
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://desk");
  const { status, body } = answer(
    request.method ?? "GET",
    decodeURIComponent(url.pathname),
    url.searchParams,
    await read(request),
  );
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

export function mock(): Plugin {
  return {
    name: "switchboard-mock",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (request.url?.startsWith("/api/")) void serve(request, response);
        else next();
      });
      server.httpServer?.on("upgrade", (request, socket) => {
        if (request.url === "/live") acceptLive(request, socket);
      });
    },
  };
}
