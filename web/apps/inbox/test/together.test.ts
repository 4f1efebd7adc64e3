import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { together } from "@/lib/together";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wanted = new AbortController().signal;
const lengths = vi.fn(
  async (ids: string[]) => new Map(ids.filter((id) => id !== "").map((id) => [id, id.length])),
);
const asking = () => together(lengths, { soon_ms: 100, most: 2 });

beforeEach(() => void lengths.mockClear());

test("what is asked for at once is few requests, and each gets its own", async () => {
  const ask = asking();
  const all = Promise.all([ask("a", wanted), ask("bb", wanted), ask("ccc", wanted)]);
  await vi.advanceTimersByTimeAsync(100);
  expect(await all).toEqual([1, 2, 3]);
  expect(lengths.mock.calls).toEqual([[["a", "bb"]], [["ccc"]]]);
});

test("nothing found is null", async () => {
  const nothing = asking()("", wanted);
  await vi.advanceTimersByTimeAsync(100);
  expect(await nothing).toBeNull();
});

test("who was scrolled away is not asked for", async () => {
  const ask = asking();
  const gone = new AbortController();
  const refused = expect(ask("gone", gone.signal)).rejects.toThrow();
  const stays = ask("stays", wanted);
  gone.abort();
  await vi.advanceTimersByTimeAsync(100);
  await refused;
  expect(await stays).toBe(5);
  expect(lengths.mock.calls).toEqual([[["stays"]]]);
});

test("a request that fails fails for all who asked, and the next is tried", async () => {
  const ask = asking();
  lengths.mockRejectedValueOnce(new Error("away"));
  const refused = expect(ask("a", wanted)).rejects.toThrow("away");
  await vi.advanceTimersByTimeAsync(100);
  await refused;
  const again = ask("a", wanted);
  await vi.advanceTimersByTimeAsync(100);
  expect(await again).toBe(1);
});
