import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, OfflineError } from "@/api/client";
import type { Draft } from "@/api/drafts";
import type { Letter } from "@/data/drafts";
import { DraftKeeper, type Kept, type Unsaved } from "@/features/composer/keeper";

const letter = (html: string): Letter => ({ html, recipients: null, attachments: [], actions: [] });
const draft = (rev: number, html: string): Draft => ({ rev, ...letter(html), updated_at: null });
const changed = (existing: Draft): ApiError =>
  new ApiError({ title: "Conflict", status: 409, code: "draft_changed", existing });

/** A server with one draft, and what the keeper says of it. */
function desk(rev = 0) {
  const server = { draft: draft(rev, ""), fails: null as Error | null };
  const seen = { unsaved: null as Unsaved | null, kept: [] as Kept[], other: null as Draft | null, puts: 0 };
  const keeper = new DraftKeeper(rev, {
    put: async (from, wanted) => {
      seen.puts += 1;
      if (server.fails) throw server.fails;
      if (from !== server.draft.rev) throw changed(server.draft);
      server.draft = draft(from + 1, wanted.html);
      return server.draft;
    },
    remember: (unsaved) => {
      seen.unsaved = unsaved;
      return true;
    },
    onKept: (kept) => seen.kept.push(kept),
    onOther: (other) => {
      seen.other = other;
    },
  });
  return { server, seen, keeper };
}

describe("a draft that is kept while it is written", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  test("waits for a pause, and keeps the latest alone", async () => {
    const { server, seen, keeper } = desk();
    for (const text of ["H", "He", "Hello"]) keeper.write(letter(text));
    expect(seen.unsaved).toEqual({ rev: 0, letter: letter("Hello") });
    await later(1000);
    expect([server.draft.html, seen.puts, seen.unsaved, seen.kept.at(-1)]).toEqual([
      "Hello",
      1,
      null,
      "kept",
    ]);
    expect(keeper.settled).toBe(true);
  });

  test("stays in this browser while the server is away, and goes there by itself", async () => {
    const { server, seen, keeper } = desk();
    server.fails = new OfflineError();
    keeper.write(letter("Hello"));
    await later(1000);
    expect([seen.kept.at(-1), seen.unsaved?.letter.html]).toEqual(["here", "Hello"]);
    server.fails = null;
    await later(6000);
    expect([server.draft.html, seen.kept.at(-1), seen.unsaved]).toEqual(["Hello", "kept", null]);
  });

  test("another device's writing is shown, and replaced only when the person says so", async () => {
    const { server, seen, keeper } = desk(1);
    server.draft = draft(4, "from the phone");
    keeper.write(letter("from the desk"));
    await later(1000);
    expect(seen.other?.html).toBe("from the phone");
    keeper.write(letter("from the desk!"));
    await later(10_000);
    expect([server.draft.html, seen.puts]).toEqual(["from the phone", 1]);
    await keeper.keepMine();
    expect([server.draft.html, server.draft.rev, seen.other]).toEqual(["from the desk!", 5, null]);
  });

  test("taking the other one throws away what stands here", async () => {
    const { server, seen, keeper } = desk(1);
    server.draft = draft(4, "from the phone");
    keeper.write(letter("from the desk"));
    await keeper.flush();
    expect(keeper.takeOther()?.html).toBe("from the phone");
    await later(10_000);
    expect([seen.puts, seen.other, seen.unsaved, keeper.revision]).toEqual([1, null, null, 4]);
  });

  test("what is on its way when it is sent comes before, and what is written after begins anew", async () => {
    const { server, seen, keeper } = desk();
    keeper.write(letter("Hello"));
    const flushed = keeper.flush();
    keeper.write(letter("Hello Ada"));
    await keeper.stop();
    await flushed;
    expect([server.draft.html, seen.puts]).toEqual(["Hello", 1]);
    server.draft = draft(2, "");
    const sent = keeper.sent(async () => server.draft);
    keeper.write(letter("One more thing"));
    await sent;
    await later(1000);
    expect(server.draft).toEqual(draft(3, "One more thing"));
  });
});
