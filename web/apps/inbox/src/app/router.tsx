/** The addresses: sign-in, and the inbox with what is selected in it. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { call } from "@/api/client";
import type { Me } from "@/api/people";
import { readContactSearch } from "@/lib/contact-place";
import { patiently } from "@/lib/lazy";
import { readSearch } from "@/lib/place";
import { readTicketSearch } from "@/lib/ticket-place";
import { InboxPage } from "@/pages/InboxPage";
import { Broken } from "./Broken";
import { ensureSession } from "./session";

const root = createRootRoute({ component: Outlet, notFoundComponent: () => null });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { back?: string; problem?: string } => ({
    ...(typeof search.back === "string" &&
    /^\/(inbox|tickets|contacts|macros|dashboard|settings)\b/.test(search.back)
      ? { back: search.back }
      : {}),
    ...(typeof search.problem === "string" ? { problem: search.problem } : {}),
  }),
  component: lazyRouteComponent(() => patiently(() => import("@/pages/SignInPage"))),
});

const openLink = lazyRouteComponent(() => patiently(() => import("@/pages/LinkPage")));
const join = createRoute({ getParentRoute: () => root, path: "/join", component: openLink });
const newPassword = createRoute({ getParentRoute: () => root, path: "/new-password", component: openLink });

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

const tickets = createRoute({
  getParentRoute: () => root,
  id: "tickets",
  validateSearch: readTicketSearch,
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: lazyRouteComponent(() => patiently(() => import("@/pages/TicketsPage"))),
});

const ticketView = createRoute({ getParentRoute: () => tickets, path: "/tickets/$view" });
const ticket = createRoute({ getParentRoute: () => tickets, path: "/tickets/$view/$ticketId" });

const contacts = createRoute({
  getParentRoute: () => root,
  id: "contacts",
  validateSearch: readContactSearch,
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: lazyRouteComponent(() => patiently(() => import("@/pages/ContactsPage"))),
});

const segment = createRoute({ getParentRoute: () => contacts, path: "/contacts/$segment" });
const contact = createRoute({ getParentRoute: () => contacts, path: "/contacts/$segment/$contactId" });

const macros = createRoute({
  getParentRoute: () => root,
  id: "macros",
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: lazyRouteComponent(() => patiently(() => import("@/pages/MacrosPage"))),
});

const macroList = createRoute({ getParentRoute: () => macros, path: "/macros" });
const macro = createRoute({ getParentRoute: () => macros, path: "/macros/$macroId" });
const macroView = createRoute({ getParentRoute: () => macros, path: "/macros/$macroId/$view" });

const dashboard = createRoute({
  getParentRoute: () => root,
  path: "/dashboard",
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: lazyRouteComponent(() => patiently(() => import("@/pages/DashboardPage"))),
});

const settings = createRoute({
  getParentRoute: () => root,
  id: "settings",
  beforeLoad: async ({ location }) => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in", search: { back: location.href } });
  },
  component: lazyRouteComponent(() => patiently(() => import("@/pages/SettingsPage"))),
});

const settingsList = createRoute({ getParentRoute: () => settings, path: "/settings" });
const settingsSection = createRoute({ getParentRoute: () => settings, path: "/settings/$section" });
const settingsItem = createRoute({ getParentRoute: () => settings, path: "/settings/$section/$item" });

const inboxHome = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  beforeLoad: () => {
    throw redirect({ to: "/inbox/$inbox", params: { inbox: "mine" } });
  },
});

const settingsView = createRoute({
  getParentRoute: () => settings,
  path: "/settings/$section/$item/$view",
});

/** Who works tickets and no conversations begins there. */
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async () => {
    if (!(await ensureSession())) throw redirect({ to: "/sign-in" });
    const me = await call<Me>("/api/tickets/me").catch(() => null);
    if (me && !me.permissions.includes("conversations.read")) {
      throw redirect({ to: "/tickets/$view", params: { view: "open" } });
    }
    throw redirect({ to: "/inbox/$inbox", params: { inbox: "mine" } });
  },
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    inboxHome,
    signIn,
    join,
    newPassword,
    inbox.addChildren([selected, conversation]),
    tickets.addChildren([ticketView, ticket]),
    contacts.addChildren([segment, contact]),
    macros.addChildren([macroList, macro, macroView]),
    dashboard,
    settings.addChildren([settingsList, settingsSection, settingsItem, settingsView]),
  ]),
  defaultPreload: false,
  defaultErrorComponent: Broken,
});

declare module "@tanstack/react-router" {
  interface HistoryState {
    /** What the palette began by going there. */
    begins?: string;
  }
  interface Register {
    router: typeof router;
  }
}
