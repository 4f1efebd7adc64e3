// @vitest-environment jsdom
/** By when a ticket is due, of what comes first, and what its timeline says of that. */
import { expect, test } from "vitest";
import type { SlaTarget, SlaUpdate } from "@/api/sla";
import type { TicketEntry } from "@/api/tickets";
import type { Names } from "@/data/directory";
import { Due } from "@/features/tickets/TicketSla";
import { ticketPhrase } from "@/features/tickets/TicketTimeline";
import { ticket } from "./examples";
import { eachOnAScreen } from "./screen";

const screen = eachOnAScreen();
const NOW = new Date();
const inHours = (hours: number): string => new Date(NOW.getTime() + hours * 3_600_000).toISOString();

const target = (part: Partial<SlaTarget> = {}): SlaTarget => ({
  kind: "resolution",
  state: "running",
  policy: { id: "p", name: "Soon", version: 1 },
  goal_s: 7200,
  started_at: inHours(-1),
  due_at: inHours(1),
  warn_at: inHours(0.5),
  ...part,
});
const PAUSED = target({ state: "paused", due_at: null, warn_at: null, left_s: 3600 });

test.each([
  ["its service level’s when that is first", { sla: target(), due_at: inHours(5) }, "Resolution due", ""],
  ["its own when that is first", { sla: target(), due_at: inHours(0.5) }, "Due", ""],
  ["its own while the other stands still", { sla: PAUSED, due_at: inHours(5) }, "Due", ""],
  ["nothing, as it stands still", { sla: PAUSED }, "Resolution: 1 h left", "paused"],
  ["missed", { sla: target({ state: "breached", due_at: inHours(-1) }) }, "Resolution due", "late"],
])("what is shown of a ticket: %s", async (_, part, title, text) => {
  await screen.show(<Due ticket={ticket(part)} />);
  const badge = screen.box.querySelector("[title]");
  expect(badge?.getAttribute("title")?.startsWith(title)).toBe(true);
  if (text) expect(badge?.textContent).toBe(text);
});

test("a ticket that is due at no time shows none", async () => {
  await screen.show(<Due ticket={ticket()} />);
  expect(screen.box.querySelector("[title]")).toBeNull();
});

test.each<[SlaUpdate["change"], boolean, RegExp]>([
  ["started", false, /^expects the resolution by /],
  ["paused", false, /^$/],
  ["resumed", false, /^$/],
  ["warned", false, /^warned: the resolution is due /],
  ["breached", false, /^noted that the resolution is late \(Soon\)$/],
  ["met", false, /^noted the resolution, in time$/],
  ["met", true, /^noted the resolution, after its time$/],
])("what the timeline says of %s", (change, late, says) => {
  const entry = {
    id: "e",
    seq: 2,
    type: "TicketSlaUpdated",
    at: inHours(0),
    by: { kind: "system", id: "", name: "" },
    data: { change, late, target: target() },
  } as TicketEntry;
  expect(ticketPhrase(entry, ticket(), {} as Names, NOW)).toMatch(says);
});
