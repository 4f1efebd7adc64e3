// @vitest-environment jsdom
/** What is done to a ticket by keys and clicks that are quicker than the answers. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TicketHead } from "@/api/tickets";
import { keys } from "@/data/keys";
import { ticketChanged, ticketCommands } from "@/data/tickets";
import { ticket } from "./examples";

let client: QueryClient;
let sent: { body: string; answer: (head: TicketHead) => void }[];
beforeEach(() => {
  client = new QueryClient();
  sent = [];
  const asked = (_: string, init?: RequestInit): Promise<Response> =>
    new Promise((resolve) =>
      sent.push({
        body: String(init?.body),
        answer: (head) => resolve(new Response(JSON.stringify({ head, events: [] }))),
      }),
    );
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  client.clear();
  vi.unstubAllGlobals();
});

const shown = () => {
  const { team_id, assignee_id } = client.getQueryData<TicketHead>(keys.ticket("t1")) ?? {};
  return [team_id, assignee_id];
};

test("a second choice of whose a ticket is counts from the first, and both stay", async () => {
  client.setQueryData(keys.ticket("t1"), ticket({ team_id: null, assignee_id: null }));
  const commands = ticketCommands(client, "t1");
  const first = commands.assign(ticket(), { team_id: "billing" });
  const second = commands.assign(ticket(), { assignee_id: "jonas" });
  expect(shown()).toEqual(["billing", "jonas"]);
  await vi.waitFor(() => expect(sent.length).toBe(1));
  expect(JSON.parse(sent[0]?.body ?? "")).toEqual({ team_id: "billing", assignee_id: null });

  ticketChanged(client, "t1", 2);
  expect(client.getQueryState(keys.ticket("t1"))?.isInvalidated).toBe(false);
  sent[0]?.answer(ticket({ seq: 2, team_id: "billing", assignee_id: null }));
  await first;
  expect(shown()).toEqual(["billing", "jonas"]);
  await vi.waitFor(() => expect(sent.length).toBe(2));
  expect(JSON.parse(sent[1]?.body ?? "")).toEqual({ team_id: "billing", assignee_id: "jonas" });
  sent[1]?.answer(ticket({ seq: 3, team_id: "billing", assignee_id: "jonas" }));
  await second;
  expect(shown()).toEqual(["billing", "jonas"]);
  expect(client.getQueryState(keys.ticket("t1"))?.isInvalidated).toBe(true);
});
