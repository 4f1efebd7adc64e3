// @vitest-environment jsdom
/** The menu of one's own status before that is known. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";
import { keys } from "@/data/keys";
import { Presence } from "@/features/presence/Presence";

afterEach(() => vi.unstubAllGlobals());

const item = (name: string): HTMLButtonElement | undefined =>
  [...document.querySelectorAll<HTMLButtonElement>("[role^=menuitem]")].find(
    (each) => each.textContent === name,
  );

test("where new replies go can be chosen once one’s status is known, or it would be set to offline", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  );
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(keys.me, { agent: { agent_id: "maya", name: "Maya" }, role: { name: "Agent" } });
  const root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () =>
    root.render(
      <MantineProvider env="test">
        <QueryClientProvider client={client}>
          <Presence onSignedOut={() => undefined} />
        </QueryClientProvider>
      </MantineProvider>,
    ),
  );
  await act(async () => document.querySelector<HTMLButtonElement>("button[aria-haspopup]")?.click());
  expect([item("Go to your team")?.disabled, item("Hide location")?.disabled]).toEqual([true, true]);
  const mine = { agent_id: "maya", status: "online", reason: "" };
  await act(async () => client.setQueryData(keys.availability, { items: [mine], away_reasons: [] }));
  await vi.waitFor(() => act(async () => expect(item("Go to your team")?.disabled).toBe(false)));
  expect(item("Hide location")?.disabled).toBe(false);
  await act(async () => root.unmount());
});
