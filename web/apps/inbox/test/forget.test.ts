/** What one agent was answered, when another signs in at the same window. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { goOnWith, refresh } from "@/api/client";
import type { Session } from "@/api/people";
import { forgetWithSession } from "@/app/forget";
import { keys } from "@/data/keys";

const of = (agent_id: string): Session =>
  ({ access_token: agent_id, expires_in_s: 900, agent: { agent_id } }) as Session;
const client = new QueryClient();
const draft = (): unknown => client.getQueryData(keys.drafts(""));
let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  stop = forgetWithSession(client);
  goOnWith(of("ada"));
  client.setQueryData(keys.drafts(""), { compose: "Ada's" });
});
afterEach(() => {
  stop();
  client.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a session that is renewed goes on with what is there", () => {
  goOnWith(of("ada"));
  expect(draft()).toEqual({ compose: "Ada's" });
});

test("a session that ended elsewhere leaves nothing, and neither does what was answered after it", async () => {
  vi.stubGlobal("fetch", async () => new Response("{}", { status: 401 }));
  await refresh();
  expect(draft()).toBe(undefined);
  client.setQueryData(keys.drafts(""), { compose: "Ada's, late" });
  goOnWith(of("ben"));
  expect(draft()).toBe(undefined);
});

test("another agent begins with nothing", () => {
  goOnWith(of("ben"));
  expect(draft()).toBe(undefined);
});
