import { afterEach, expect, test, vi } from "vitest";
import { saveKept } from "@/data/versioned";

afterEach(() => vi.unstubAllGlobals());

test("a new rule that is sent again after an error is the same one, and the next is another", async () => {
  const sent: (string | null)[] = [];
  const statuses = [500, 201, 201];
  vi.stubGlobal("fetch", async (_: string, init?: RequestInit) => {
    sent.push(new Headers(init?.headers).get("Idempotency-Key"));
    return new Response(JSON.stringify({ title: "No", version: 1 }), { status: statuses.shift() ?? 0 });
  });
  const save = (): Promise<unknown> => saveKept("/rules", null, { name: "VIP first" }, 0, false);
  await expect(save()).rejects.toThrow();
  await save();
  await save();
  expect(sent[1]).toBe(sent[0]);
  expect(sent[2]).not.toBe(sent[1]);
});
