// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { User } from "../protocol";
import { type Accepted, Api, type Conversation, Refused, type Session } from "./api";
import { Messenger } from "./messenger";
import { Keeper, memoryStorage } from "./storage";

const LOOK = { greeting: "Hello!", answers_in: "soon" };
const SESSION: Session = {
  token: "t1",
  visitor_id: "v",
  brand: { id: "shop", name: "Shop", color: "#123456", messenger: LOOK },
};

/** The services as far as a visitor sees them: a list of conversations, and what goes wrong next. */
class Desk extends Api {
  conversationList: Conversation[] = [];
  sent: { client_id: string; session_id: string; text: string }[] = [];
  trouble: Refused[] = [];
  sessions: string[] = [];

  override async session(_brand: string, token: string): Promise<Session> {
    this.sessions.push(token);
    const refused = this.trouble[0]?.code === "session" ? this.trouble.shift() : undefined;
    if (refused) throw refused;
    return SESSION;
  }

  override async conversations(): Promise<Conversation[]> {
    return this.conversationList;
  }

  override async send(message: { client_id: string; session_id: string; text: string }): Promise<Accepted> {
    const refused = this.trouble.shift();
    if (refused) throw refused;
    this.sent.push(message);
    const ids = { conversation_id: `c-${message.session_id}`, entry_id: `e-${message.client_id}` };
    return { input_id: "i", ...ids };
  }

  /** tickets takes in what ingest accepted. */
  applyAll(status: Conversation["status"] = "open"): void {
    this.conversationList = this.sent.map(({ client_id, session_id, text }) => ({
      conversation_id: `c-${session_id}`,
      status,
      messages: [
        {
          entry_id: `e-${client_id}`,
          direction: "in",
          author_name: "",
          text,
          html: null,
          attachments: [],
          at: "2026-03-01T10:00:00Z",
        },
      ],
    }));
  }
}

class SilentSocket {
  close(): void {
    return;
  }
}

let desk: Desk;
let storage: Storage;

function messenger(user: User | null = null): Messenger {
  const made = new Messenger("shop", desk, new Keeper(storage, "shop"), vi.fn(), vi.fn());
  made.boot(user);
  return made;
}
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", SilentSocket);
  desk = new Desk();
  storage = memoryStorage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a message is shown at once, accepted, and replaced by the timeline's own", async () => {
  const made = messenger();
  await settle();
  made.send(" Hello ", []);
  expect(made.state.outbox.map((item) => item.text)).toEqual(["Hello"]);
  await settle();
  expect(made.state.outbox[0]?.step).toBe("sent");
  desk.applyAll();
  await settle(1000);
  expect(made.state.outbox).toEqual([]);
  expect(made.state.entries.map((entry) => entry.text)).toEqual(["Hello"]);
});

test("what was written before a reload is sent after it, with the same id", async () => {
  desk.trouble = [new Refused(503, "session", "")];
  const before = messenger();
  before.send("Hello", []);
  await settle();
  const id = before.state.outbox[0]?.client_id;
  before.stop();
  messenger();
  await settle();
  expect(desk.sent.map((message) => message.client_id)).toEqual([id]);
});

test("a busy server is asked again until it takes the message, once", async () => {
  const made = messenger();
  await settle();
  desk.trouble = [new Refused(503, "", ""), new Refused(0, "", ""), new Refused(429, "", "")];
  made.send("Hello", []);
  await settle(60_000);
  expect(desk.sent).toHaveLength(1);
  expect(made.state.outbox[0]?.step).toBe("sent");
});

test("a refusal is shown in the server's words and tried again only when asked", async () => {
  const made = messenger();
  await settle();
  desk.trouble = [new Refused(422, "too_long", "Keep it under 10,000 characters.")];
  made.send("Hello", []);
  await settle(60_000);
  expect(made.state.outbox[0]).toMatchObject({ step: "failed", reason: "Keep it under 10,000 characters." });
  made.again(made.state.outbox[0]?.client_id ?? "");
  await settle();
  expect(desk.sent).toHaveLength(1);
});

test("an expired token is renewed and the message sent with the new one", async () => {
  const made = messenger();
  await settle();
  desk.trouble = [new Refused(401, "visitor_token", "")];
  made.send("Hello", []);
  await settle(5000);
  expect(desk.sessions).toEqual(["", "t1"]);
  expect(desk.sent).toHaveLength(1);
});

test("whoever asks while a session is being opened waits for that one", async () => {
  const made = messenger();
  await settle();
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => {
    open = done;
  });
  const session = vi.spyOn(desk, "session").mockImplementation(async () => {
    await opened;
    return SESSION;
  });
  dispatchEvent(new Event("online"));
  dispatchEvent(new Event("online"));
  void made.start();
  made.send("Hello", []);
  await settle();
  expect(desk.sent).toEqual([]);
  open();
  await settle();
  expect(session).toHaveBeenCalledTimes(1);
  expect(desk.sent).toHaveLength(1);
  expect(made.state.outbox[0]?.tries).toBe(0);
});

test("a token that is no longer believed is given up for a new visit", async () => {
  new Keeper(storage, "shop").save({ token: "old", visitor_id: "other", session_id: "s", closed: true });
  desk.trouble = [new Refused(401, "session", "")];
  const made = messenger();
  await settle();
  expect(desk.sessions).toEqual(["old", ""]);
  expect(made.state.phase).toBe("ready");
  expect(made.kept().session_id).toBe("");
});

test("messages go to one conversation until it is closed, then to a new one", async () => {
  const made = messenger();
  await settle();
  made.send("one", []);
  await settle();
  made.send("two", []);
  await settle();
  expect(new Set(desk.sent.map((message) => message.session_id)).size).toBe(1);
  desk.applyAll("closed");
  await settle(1000);
  expect(made.state.closed).toBe(true);
  made.send("three", []);
  await settle();
  expect(new Set(desk.sent.map((message) => message.session_id)).size).toBe(2);
});

test.each([
  ["signed out", "ann", ""],
  ["somebody else", "ann", "bob"],
  ["signed in", "", "ann"],
])(
  "%s: the next person finds nothing of the one before, and sends nothing of theirs",
  async (_, one, two) => {
    const of = (sub: string): User | null => (sub ? { token: `h.${btoa(JSON.stringify({ sub }))}.s` } : null);
    const first = messenger(of(one));
    await settle();
    desk.trouble = [new Refused(0, "", "")];
    first.send("to be sent", []);
    first.saveDraft("private");
    await settle();
    first.stop();
    const sessions = desk.sessions.length;
    const second = messenger(of(two));
    expect(second.kept().draft).toBe("");
    await settle(60_000);
    expect(second.state.outbox).toEqual([]);
    expect(desk.sessions[sessions]).toBe("");
    expect(desk.sent).toEqual([]);
  },
);

test("the same user finds their draft, by whichever token", async () => {
  const made = messenger({ token: `h.${btoa(JSON.stringify({ sub: "ann", exp: 1 }))}.s` });
  await settle();
  made.saveDraft("mine");
  made.stop();
  const again = messenger({ token: `h.${btoa(JSON.stringify({ sub: "ann", exp: 2 }))}.s` });
  expect(again.kept().draft).toBe("mine");
});

test("forgetting leaves nothing of the visitor in the browser", async () => {
  const made = messenger();
  await settle();
  made.send("Hello", []);
  await settle();
  storage.setItem("switchboard:other:visitor", "kept");
  made.forget();
  expect(storage.length).toBe(1);
});
