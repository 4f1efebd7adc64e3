// @vitest-environment happy-dom
/** What an Undo of one's own act leads back to, and where none is offered. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Head } from "@/api/types";
import { commandsOn } from "@/data/commands";
import { keys } from "@/data/keys";
import { queue } from "@/data/undecided";
import { toasts } from "@/ui/toast";
import { head } from "./examples";
import { me } from "./screen";

const client = new QueryClient();
let now: Head;
let sent: string[];

beforeEach(() => {
  localStorage.clear();
  queue.set({ waiting: [] });
  toasts.set({ shown: [] });
  sent = [];
  // A service that does what it is told.
  const asked = async (path: string, init: RequestInit): Promise<Response> => {
    const what = path.split("/").at(-1);
    const body = JSON.parse(String(init.body));
    sent.push(`${what} ${init.body}`);
    const becomes: Record<string, Partial<Head>> = {
      assign: body,
      snooze: { status: "snoozed", snoozed_until: body.until },
      wake: { status: "open", snoozed_until: null },
      close: { status: "closed", snoozed_until: null },
      reopen: { status: "open" },
    };
    now = { ...now, ...becomes[String(what)], seq: now.seq + 1 };
    return new Response(JSON.stringify({ head: now, events: [] }));
  };
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
});

const begin = (part: Partial<Head>, permissions: string[] = []): ReturnType<typeof commandsOn> => {
  now = head(part);
  client.setQueryData(keys.me, me(permissions));
  client.setQueryData(keys.conversation("c1"), { head: now, unread: false });
  return commandsOn(client, "c1");
};
const undo = () => toasts.get().shown.at(-1)?.action;

const ASLEEP = { status: "snoozed", snoozed_until: "2030-05-06T08:00:00.000Z" } as const;

test("closed by mistake, what slept sleeps again until when it was", async () => {
  await begin(ASLEEP).toggleClosed();
  undo()?.run();
  await vi.waitFor(() =>
    expect(sent).toEqual(["close {}", "reopen {}", `snooze {"until":"${ASLEEP.snoozed_until}"}`]),
  );
  await vi.waitFor(() => expect(now).toMatchObject(ASLEEP));
});

test("snoozed anew, it is taken back to its first time; snoozed from open, it is woken", async () => {
  await begin(ASLEEP).snooze(new Date("2031-01-01T08:00:00Z"));
  undo()?.run();
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(now).toMatchObject(ASLEEP);
  sent = [];
  await begin({}).snooze(new Date("2031-01-01T08:00:00Z"));
  undo()?.run();
  await vi.waitFor(() => expect(sent.at(-1)).toBe("wake {}"));
});

test.each([
  ["their own, to somebody else", { assignee_id: "maya" }, "jonas", false],
  ["their own, to nobody", { assignee_id: "maya" }, null, true],
  ["what nobody had, to them", {}, "maya", true],
])(
  "who may not assign others’ conversations is offered an undo where it can succeed: %s",
  async (_, from, to, is) => {
    await begin(from).assign(null, to);
    expect(Boolean(undo())).toBe(is);
  },
);

test("who may assign any is offered it always", async () => {
  await begin({ assignee_id: "maya" }, ["conversations.assign_others"]).assign(null, "jonas");
  undo()?.run();
  await vi.waitFor(() => expect(sent.at(-1)).toBe('assign {"team_id":null,"assignee_id":"maya"}'));
});
