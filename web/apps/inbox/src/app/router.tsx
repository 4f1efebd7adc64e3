/** The addresses: sign-in, and the inbox with what is selected in it. */
import { createRootRoute, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { readSearch } from "@/lib/place";
import { InboxPage } from "@/pages/InboxPage";
import { SignInPage } from "@/pages/SignInPage";
import { ensureSession } from "./session";

const root = createRootRoute({ component: Outlet, notFoundComponent: () => null });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { back?: string } =>
    typeof search.back === "string" && search.back.startsWith("/inbox") ? { back: search.back } : {},
  component: SignInPage,
});

/** One page for all inbox addresses: moving between conversations mounts nothing anew. */
const inbox = createRoute({
  getParentRoute: () => root,
  id: "desk",
  validateSearch: readSearch,
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: InboxPage,
});

const selected = createRoute({ getParentRoute: () => inbox, path: "/inbox/$inbox" });
const conversation = createRoute({ getParentRoute: () => inbox, path: "/inbox/$inbox/$conversationId" });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox/$inbox", params: { inbox: "mine" } });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([home, signIn, inbox.addChildren([selected, conversation])]),
  defaultPreload: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
