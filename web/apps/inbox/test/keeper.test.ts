import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, OfflineError } from "@/api/client";
import type { Draft } from "@/api/drafts";
import type { Letter } from "@/data/drafts";
import { DraftKeeper, type Kept, type Unsaved } from "@/parts/drafts/keeper";
import { NO_LETTER } from "@/parts/drafts/letters";

const letter = (html: string): Letter => ({ ...NO_LETTER, html });
const draft = (rev: number, html: string): Draft => ({ rev, ...letter(html), updated_at: null });
const changed = (existing: Draft): ApiError =>
  new ApiError({ title: "Conflict", status: 409, code: "draft_changed", existing });

/** A server with one draft, and what the keeper says of it. */
function desk(rev = 0) {
  const server = { draft: draft(rev, ""), fails: null as Error | null };
  const seen = { unsaved: null as Unsaved | null, kept: [] as Kept[], other: null as Draft | null, puts: 0 };
  const callbacks: ConstructorParameters<typeof DraftKeeper>[1] = {
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
  };
  const another = (from: number, behind?: boolean): DraftKeeper => new DraftKeeper(from, callbacks, behind);
  return { server, seen, keeper: another(rev), another };
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

  test("a refusal is kept at once, though its reason is still being found out", async () => {
    const { server, seen, keeper } = desk(1);
    let answer = (_: null): void => undefined;
    const outcome = async (refusing: () => void): Promise<null> => {
      await Promise.resolve();
      refusing();
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const came = keeper.send(letter("<p>Hello</p>"), outcome, async () => server.draft);
    await later(1);
    expect(seen.unsaved?.letter.html).toBe("<p>Hello</p>");
    answer(null);
    await came;
    expect(seen.unsaved?.letter.html).toBe("<p>Hello</p>");
  });

  /** A sending whose answer is given by hand. */
  function sending() {
    const seen = { asked: 0, answer: (_: "sent" | "waits" | null): void => undefined };
    const outcome = (): Promise<"sent" | "waits" | null> => {
      seen.asked += 1;
      return new Promise((resolve) => {
        seen.answer = resolve;
      });
    };
    return { seen, outcome };
  }

  test("what is on its way when it is sent comes before, and what is written meanwhile begins anew", async () => {
    const { server, seen, keeper } = desk();
    keeper.write(letter("Hello"));
    const flushed = keeper.flush();
    keeper.write(letter("Hello Ada"));
    const { seen: asked, outcome } = sending();
    const came = keeper.send(letter("Hello Ada"), outcome, async () => server.draft);
    expect(asked.asked).toBe(0);
    await flushed;
    await later(0);
    expect([server.draft.html, seen.puts, asked.asked, seen.unsaved]).toEqual(["Hello", 1, 1, null]);
    keeper.write(letter("One more thing"));
    await later(10_000);
    expect([seen.puts, seen.unsaved?.letter.html]).toEqual([1, "One more thing"]);
    server.draft = draft(2, "");
    asked.answer("sent");
    expect(await came).toBe("sent");
    await later(1000);
    expect(server.draft).toEqual(draft(3, "One more thing"));
  });

  test("before it waits to be sent, what is written is kept in this browser behind it", async () => {
    const { server, seen, keeper } = desk();
    keeper.write(letter("<p>Hello</p>"));
    void keeper.flush();
    void keeper.send(letter("<p>Hello</p>"), sending().outcome, async () => server.draft);
    keeper.write(letter("<p>More</p>"));
    expect(seen.unsaved?.letter.html).toBe("<p>Hello</p><p>More</p>");
  });

  test("refused when the box was left, it is the draft again, with what was written meanwhile behind it", async () => {
    const { server, keeper } = desk();
    const { seen: asked, outcome } = sending();
    const came = keeper.send(letter("<p>Hello</p>"), outcome, async () => server.draft);
    await later(0);
    keeper.write(letter("<p>More</p>"));
    const left = keeper.flush();
    asked.answer(null);
    expect(await came).toBe(null);
    await left;
    expect(server.draft.html).toBe("<p>Hello</p><p>More</p>");
  });

  test("refused with nothing written since, the draft is what was sent; sent, nothing is", async () => {
    const { server, seen, keeper } = desk();
    for (const [answer, draftThen] of [
      [null, "<p>Hello</p>"],
      ["sent", "<p>Hello</p>"],
    ] as const) {
      const { seen: asked, outcome } = sending();
      const came = keeper.send(letter("<p>Hello</p>"), outcome, async () => server.draft);
      await later(0);
      expect(seen.unsaved).toBe(null);
      asked.answer(answer);
      await came;
      await later(1000);
      expect([server.draft.html, seen.puts]).toEqual([draftThen, 1]);
    }
  });

  test("one that follows waits for what the one before has on its way, and goes on from there", async () => {
    const { server, seen, keeper, another } = desk();
    keeper.write(letter("Hello"));
    void keeper.flush();
    keeper.write(letter("Hello Ada"));
    void keeper.flush();
    const next = another(0);
    next.follow(keeper);
    next.write(letter("Hello Ada!"));
    await later(0);
    expect([seen.puts, seen.unsaved?.letter.html, server.draft.html]).toEqual([1, "Hello Ada!", "Hello"]);
    await later(10_000);
    expect([server.draft, seen.other, seen.puts]).toEqual([draft(2, "Hello Ada!"), null, 2]);
  });

  test("one that failed to keep it does not try again once another does", async () => {
    const { server, seen, keeper, another } = desk();
    server.fails = new OfflineError();
    keeper.write(letter("Hello"));
    await keeper.flush();
    server.fails = null;
    const next = another(0);
    next.follow(keeper);
    next.write(letter("Hello Ada"));
    await later(20_000);
    expect([server.draft, seen.puts]).toEqual([draft(1, "Hello Ada"), 2]);
  });

  test("one that is followed while it sends keeps what is refused", async () => {
    const { server, seen, keeper, another } = desk();
    const { seen: asked, outcome } = sending();
    const came = keeper.send(letter("Hello"), outcome, async () => server.draft);
    await later(0);
    another(0).follow(keeper);
    asked.answer(null);
    await came;
    expect(seen.unsaved?.letter.html).toBe("Hello");
  });

  test("what waits to be sent is no draft, and what is written then is", async () => {
    const { server, seen, keeper } = desk();
    const { seen: asked, outcome } = sending();
    const came = keeper.send(letter("Hello"), outcome, async () => server.draft);
    await later(0);
    asked.answer("waits");
    await came;
    await later(1000);
    expect([seen.puts, seen.unsaved]).toEqual([0, null]);
    keeper.write(letter("Another"));
    await later(1000);
    expect(server.draft.html).toBe("Another");
  });
});

describe("a draft behind what waits to be sent", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const later = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  /** What was sent waits, and something is written behind it that can't be kept meanwhile. */
  async function behind() {
    const made = desk(3);
    made.server.draft = draft(3, "Hello");
    made.server.fails = new OfflineError();
    await made.keeper.send(
      letter("Hello"),
      async () => "waits" as const,
      async () => made.server.draft,
    );
    made.keeper.write(letter("Another"));
    await later(1000);
    return made;
  }

  test("goes on from the emptied one once that was sent, and nobody is asked", async () => {
    const { server, seen } = await behind();
    server.fails = null;
    server.draft = draft(4, "");
    await later(6000);
    expect([server.draft, seen.other]).toEqual([draft(5, "Another"), null]);
  });

  test("does so after a reload too", async () => {
    const { server, seen, keeper, another } = await behind();
    expect(seen.unsaved).toEqual({ rev: 3, letter: letter("Another"), behind: true });
    server.fails = null;
    server.draft = draft(4, "");
    const next = another(3, seen.unsaved?.behind);
    next.follow(keeper);
    next.write(letter("Another"));
    await later(6000);
    expect([server.draft, seen.other]).toEqual([draft(5, "Another"), null]);
  });

  test("does not write over what another device wrote meanwhile", async () => {
    const { server, seen } = await behind();
    server.fails = null;
    server.draft = draft(5, "from the phone");
    await later(6000);
    expect([server.draft.html, seen.other?.html]).toEqual(["from the phone", "from the phone"]);
  });
});
