// @vitest-environment happy-dom
import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { deliver, drain, sendAnyway, takeOut } from "@/data/queue";
import { queue, unsentTo, waitsFor } from "@/data/undecided";
import { SHORTCUTS, workingShortcuts } from "@/lib/shortcuts";
import { listed } from "@/lib/waiting";
import { head } from "./examples";

const client = new QueryClient();
const written = { mode: "reply", rev: 1, letter: {}, begins: "Hi" } as const;
const command = (key: string) => ({
  key,
  conversationId: "c1",
  path: "/api/tickets/conversations/c1/reply",
  body: { html: "Hi", seen_seq: 3 },
  refused: "Not sent.",
  written,
});

let sent: { key: string; body: Record<string, unknown> }[] = [];
let answer: () => Response;

const ok = (): Response => Response.json({ head: head({ id: "c1" }), events: [] });
const unplugged = (): Response => {
  throw new TypeError("Failed to fetch");
};

beforeEach(() => {
  localStorage.clear();
  sent = [];
  answer = ok;
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    const key = new Headers(init.headers).get("Idempotency-Key") ?? "";
    sent.push({ key, body: JSON.parse(String(init.body)) });
    return answer();
  });
});

const patiently = async <T>(work: Promise<T>): Promise<T> => {
  await vi.advanceTimersByTimeAsync(6000);
  return work;
};

describe("what is done while the line is away", () => {
  test("it waits, and goes in order and under its own key when the line is back", async () => {
    answer = unplugged;
    expect(await patiently(deliver(client, command("k1")))).toBeNull();
    expect(await deliver(client, command("k2"))).toBeNull();
    expect(waitsFor({ about: "conversations/c1", box: "reply" })).toBe(true);
    sent = [];
    answer = ok;
    await drain(client);
    expect(sent.map(({ key }) => key)).toEqual(["k1", "k2"]);
    expect(listed("")).toEqual([]);
    await drain(client);
    expect(sent).toHaveLength(2);
  });

  test("a tab that is closed while it sends has kept it already", async () => {
    answer = () => {
      expect(listed("").map(({ key }) => key)).toEqual(["k1"]);
      return ok();
    };
    expect(await deliver(client, command("k1"))).not.toBeNull();
    expect(listed("")).toEqual([]);
  });

  test("a proxy's error is no answer; a service's no is one", async () => {
    answer = () => new Response("gone", { status: 500 });
    expect(await deliver(client, command("k1"))).toBeNull();
    answer = () => Response.json({ title: "No", code: "newer_message", status: 409 }, { status: 409 });
    await drain(client);
    const [refused] = unsentTo(queue.get().waiting, "conversations/c1");
    expect(refused?.trouble).toEqual({ words: "No", newer: true });
    sent = [];
    answer = ok;
    await drain(client);
    expect(sent).toEqual([]);
    if (refused) sendAnyway(client, refused);
    await vi.waitFor(() => expect(listed("")).toEqual([]));
    expect(sent[0]?.key).not.toBe("k1");
    expect(sent[0]?.body.seen_seq).toBeNull();
  });

  test("what its author takes back is not sent", async () => {
    answer = unplugged;
    await patiently(deliver(client, command("k1")));
    const [waiting] = queue.get().waiting;
    if (waiting) takeOut(waiting);
    sent = [];
    answer = ok;
    await drain(client);
    expect(sent).toEqual([]);
  });
});

describe("the help", () => {
  test("it lists what the page follows, and no group that is empty", () => {
    const shown = workingShortcuts(new Set(["j", "k", "?"]));
    expect(shown.map(({ name, keys }) => [name, keys.map(({ caps }) => caps)])).toEqual([
      ["Moving", ["J", "K", "?"]],
    ]);
  });

  test("each is said once", () => {
    const said = SHORTCUTS.flatMap(({ keys }) => keys.map(({ what }) => what));
    expect(new Set(said).size).toBe(said.length);
  });
});
