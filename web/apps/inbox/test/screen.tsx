/** One part of the inbox on a screen of a test: every answer of the services is given by hand. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, vi } from "vitest";
import { toasts } from "@/ui/toast";

export interface Asked {
  method: string;
  /** With what is behind "?". */
  path: string;
  body: string;
  key: string | null;
  answer: (body: object, status?: number) => void;
}

class Nothing {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

export interface Screen {
  client: QueryClient;
  box: HTMLElement;
  asked: Asked[];
  /** Drafts are kept without being asked about by hand. */
  keepsDrafts: boolean;
  show: (content: ReactNode) => Promise<void>;
  gone: () => Promise<void>;
}

/** A new one before each test. Where animations and transitions would be, there are none. */
export function eachOnAScreen(): Screen {
  vi.setConfig({ testTimeout: 30_000 });
  const screen = {} as Screen;
  let root: Root;
  beforeEach(() => {
    const asked: Asked[] = [];
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
    vi.stubGlobal("ResizeObserver", Nothing);
    Element.prototype.scrollIntoView = () => undefined;
    // A text box that grows measures itself when fonts came.
    const fonts = { addEventListener() {}, removeEventListener() {} };
    Object.defineProperty(document, "fonts", { configurable: true, value: fonts });
    vi.stubGlobal(
      "fetch",
      (path: string, init?: RequestInit) =>
        new Promise((resolve) => {
          const answer = (body: object, status = 200): void =>
            resolve(new Response(JSON.stringify(body), { status }));
          const key = new Headers(init?.headers).get("Idempotency-Key");
          const { pathname, search } = new URL(path, "http://desk.example");
          const method = init?.method ?? "GET";
          const body = String(init?.body ?? "");
          asked.push({ method, path: pathname + search, body, key, answer });
          if (!screen.keepsDrafts || !pathname.endsWith("/drafts")) return;
          if (method === "GET") answer({ items: {} });
          else answer({ ...JSON.parse(body), rev: JSON.parse(body).rev + 1, updated_at: null });
        }),
    );
    localStorage.clear();
    toasts.set({ shown: [] });
    const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 60_000 } } });
    const box = document.body.appendChild(document.createElement("div"));
    root = createRoot(box);
    Object.assign(screen, {
      client,
      box,
      asked,
      keepsDrafts: true,
      show: (content: ReactNode) =>
        act(async () =>
          root.render(
            <MantineProvider env="test">
              <QueryClientProvider client={client}>{content}</QueryClientProvider>
            </MantineProvider>,
          ),
        ),
      gone: () => act(async () => root.render(null)),
    });
  });
  afterEach(async () => {
    await act(async () => root.unmount());
    screen.box.remove();
    screen.client.clear();
    vi.unstubAllGlobals();
  });
  return screen;
}

interface Addressed {
  paths: string[];
  content: () => ReactNode;
  /** Of what stands behind "?". */
  read?: (search: Record<string, unknown>) => object;
}

/** Content that stands at addresses; gives where one is, and how one goes on. */
export async function showAt(screen: Screen, { paths, content, read = () => ({}) }: Addressed, at: string) {
  const root = createRootRoute({ component: Outlet });
  const routes = paths.map((path) =>
    createRoute({ getParentRoute: () => root, path, validateSearch: read, component: content }),
  );
  const history = createMemoryHistory({ initialEntries: [at] });
  const router = createRouter({ routeTree: root.addChildren(routes), history });
  const Provider = RouterProvider as unknown as (props: { router: unknown }) => ReactNode;
  await screen.show(<Provider router={router} />);
  return {
    go: (to: string) => act(async () => history.push(to)),
    place: () => decodeURIComponent(router.state.location.pathname),
  };
}

/** What is found, once it is; fails after ten seconds. */
export async function until<T>(find: () => T | null | undefined | false, what: string): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = find();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: ${document.body.textContent}`);
    await act(() => new Promise((resolve) => setTimeout(resolve, 10)));
  }
}

/** The newest that was asked so. */
export const wasAsked = (screen: Screen, method: string, path: string): Promise<Asked> =>
  until(
    () => screen.asked.findLast((each) => each.method === method && each.path.includes(path)),
    `nobody asked ${method} ${path}`,
  );

export const press = (element: Element, key: string, part: KeyboardEventInit = {}): Promise<void> =>
  act(async () => void element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...part })));

/** Into a field, over what stands there. */
export const type = (field: Element, words: string): Promise<void> =>
  act(async () => {
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

export const labelled = <T extends HTMLElement>(label: string): T | null =>
  document.querySelector<T>(`[aria-label="${label}"]`);

/** The field of a label that stands beside it. */
export function fieldOf<T extends HTMLElement>(label: string): T | null {
  const found = [...document.querySelectorAll("label")].find((each) => each.textContent === label);
  return found ? (document.getElementById(found.htmlFor) as T | null) : null;
}

export async function click(name: string): Promise<void> {
  const found = await until(
    () =>
      [...document.querySelectorAll<HTMLElement>("button, [role=menuitem], [role=option]")].find(
        (each) => (each.getAttribute("aria-label") ?? each.textContent ?? "").trim() === name,
      ),
    `nothing is called ${name}`,
  );
  await act(async () => found.click());
}

export const pause = (): Promise<void> => act(() => new Promise<void>((done) => setTimeout(done, 30)));

/** The directory as far as a form asks for it. */
export const directory = (part: object = {}): object => ({
  agents: [],
  teams: [],
  roles: [],
  brands: [],
  ticket_types: [],
  attributes: [],
  apps: [],
  settings: { seq: 1, away_reasons: [] },
  ...part,
});

export const me = (permissions: string[], part: object = {}): object => ({
  agent: {
    agent_id: "maya",
    name: "Maya",
    email: "",
    role_id: "r",
    team_ids: [],
    brand_ids: [],
    seq: 1,
    ...part,
  },
  role: { role_id: "r", name: "Agent", permissions },
  permissions,
});
