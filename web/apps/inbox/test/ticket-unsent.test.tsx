// @vitest-environment jsdom
/** What is said of a ticket without a line: it stands among what happened, is sent once, and is never lost. */
import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TicketEntry } from "@/api/tickets";
import { keys } from "@/data/keys";
import { drain } from "@/data/queue";
import { refreshQueue } from "@/data/undecided";
import { TicketTalk } from "@/features/tickets/TicketTalk";
import { listed } from "@/lib/waiting";
import { unsavedAt } from "@/parts/drafts/useKeeper";
import { maya, ticket } from "./examples";
import { click, directory, eachOnAScreen, labelled, me, type, until, wasAsked } from "./screen";

const screen = eachOnAScreen();
const place = { about: "tickets/t1", box: "comment" } as const;
let hasLine: boolean;
beforeEach(() => {
  hasLine = true;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => hasLine);
  screen.client.setQueryData(keys.directory, directory());
  screen.client.setQueryData(keys.me, me(["tickets.write"]));
  screen.client.setQueryData(keys.ticketTimeline("t1"), { items: [] });
  refreshQueue();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const shown = (part = {}): Promise<void> => screen.show(<TicketTalk ticket={ticket(part)} />);
const box = (label = "Comment"): Promise<HTMLTextAreaElement> =>
  until(() => labelled<HTMLTextAreaElement>(label), `no ${label}`);
const waits = (): Element | null => document.querySelector("article[aria-label='Not sent yet']");
const refused = (): Element | null => document.querySelector("ul[aria-label='Not sent yet'] [role=alert]");
const posts = () => screen.asked.filter(({ method }) => method === "POST");
const said = (text: string): TicketEntry =>
  ({
    id: "e2",
    seq: 2,
    type: "TicketCommented",
    at: "2026-03-02T09:00:00Z",
    by: maya,
    data: { text },
  }) as TicketEntry;

async function commented(words: string): Promise<void> {
  const field = await box();
  hasLine = false;
  await type(field, words);
  await click("Comment");
  await until(() => waits()?.textContent?.includes(words) && field.value === "", "not shown as waiting");
}

/** The line is back, and this becomes of the first that waits. */
async function answered(body: object, status = 200): Promise<void> {
  hasLine = true;
  let drained: Promise<void> | undefined;
  await act(async () => {
    drained = drain(screen.client);
  });
  const sent = await wasAsked(screen, "POST", "/tickets/t1/");
  await act(async () => {
    sent.answer(body, status);
    await drained;
  });
}

test("a comment without a line stands among what happened, and is sent once under its key by the page that opens next", async () => {
  await shown();
  await commented("Seen at two shops.");
  expect(posts()).toEqual([]);
  expect(unsavedAt(place)).toBe(null);
  const [entry] = listed("");
  await screen.gone();
  await shown();
  expect([(await box()).value, waits()?.textContent?.includes("Seen at two shops.")]).toEqual(["", true]);

  await answered({ head: ticket({ seq: 2 }), events: [said("Seen at two shops.")] });
  expect(posts().map(({ path, key, body }) => [path, key, body])).toEqual([
    ["/api/tickets/tickets/t1/comments", entry?.key, '{"html":"<p>Seen at two shops.</p>"}'],
  ]);
  await until(() => !waits(), "still waiting");
  expect(document.body.textContent?.split("Seen at two shops.")).toHaveLength(2);
  expect(listed("")).toEqual([]);
});

test("one that is refused stays beside the ticket with the reason, and goes back before what was written since", async () => {
  await shown();
  await commented("First.");
  await type(await box(), "Second.");
  await answered({ title: "Too long.", code: "too_long", status: 422 }, 422);
  const alert = await until(refused, "not told");
  expect(alert.textContent).toContain("Your comment wasn’t added. Too long.First.");
  expect([waits(), posts().length]).toEqual([null, 1]);
  await click("Edit it");
  expect((await box()).value).toBe("First.\nSecond.");
  expect([refused(), listed("")]).toEqual([null, []]);
  const kept = await wasAsked(screen, "PUT", "/tickets/t1/drafts");
  expect(JSON.parse(kept.body)).toMatchObject({ box: "comment", text: "First.\nSecond." });
});

test("one that is refused and thrown away is no draft on the server either", async () => {
  const draft = {
    rev: 4,
    html: "",
    text: "First.",
    recipients: null,
    attachments: [],
    actions: [],
    fields: {},
  };
  screen.client.setQueryData(keys.drafts(place.about), { comment: { ...draft, updated_at: null } });
  await shown();
  await commented("First.");
  await answered({ title: "Too long.", code: "too_long", status: 422 }, 422);
  await until(refused, "not told");
  await click("Throw it away");
  const kept = await wasAsked(screen, "PUT", "/tickets/t1/drafts");
  expect(JSON.parse(kept.body)).toMatchObject({ box: "comment", rev: 4, text: "" });
  expect([refused(), listed(""), (await box()).value]).toEqual([null, [], ""]);
});

test("one that waits is taken back into its box, also where another is open", async () => {
  await shown({ kind: "tracker", report_count: 0 });
  await commented("First.");
  await act(async () => document.querySelector<HTMLElement>("input[value=update]")?.click());
  await until(() => !labelled("Comment"), "the other box is not open");
  await click("Take it back");
  expect((await box()).value).toBe("First.");
  expect([waits(), listed("")]).toEqual([null, []]);
});

test("an update without a line waits likewise", async () => {
  await shown({ kind: "tracker", report_count: 2 });
  await act(async () => document.querySelector<HTMLElement>("input[value=update]")?.click());
  const field = await until(
    () => document.querySelector<HTMLTextAreaElement>("textarea[placeholder='What is new?']"),
    "no update box",
  );
  hasLine = false;
  await type(field, "Fixed tonight.");
  await click("Post update");
  await until(() => waits()?.textContent?.includes("Your update waits"), "not shown as waiting");
  await answered({ head: ticket({ kind: "tracker", seq: 2 }), events: [] });
  expect(posts().map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
    [
      "/api/tickets/tickets/t1/updates",
      { html: "<p>Fixed tonight.</p>", reply: "none", conversation_ids: [] },
    ],
  ]);
  expect(waits()).toBe(null);
});
