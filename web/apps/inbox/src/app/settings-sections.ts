/** The sections of the settings, in the order they are shown. Each is loaded when it is opened. */
import type { ComponentType, LazyExoticComponent } from "react";
import type { Permission } from "@/api/people";
import { lazy } from "@/lib/lazy";
import type { SectionProps } from "@/lib/settings";

export interface SettingsSection {
  /** Its address: /settings/<path>. */
  path: string;
  label: string;
  group: string;
  /** Who lacks it doesn't see the section; null: everybody's. */
  permission: Permission | null;
  Section: LazyExoticComponent<ComponentType<SectionProps>>;
}

export const SECTIONS: readonly SettingsSection[] = [
  {
    path: "account",
    label: "Your account",
    group: "You",
    permission: null,
    Section: lazy(() => import("@/features/people/Account")),
  },
  {
    path: "notifications",
    label: "Notifications",
    group: "You",
    permission: null,
    Section: lazy(() => import("@/features/notices/Preferences")),
  },
  {
    path: "agents",
    label: "Agents",
    group: "People",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/people/Agents")),
  },
  {
    path: "roles",
    label: "Roles",
    group: "People",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/people/Roles")),
  },
  {
    path: "teams",
    label: "Teams",
    group: "People",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/people/Teams")),
  },
  {
    path: "brands",
    label: "Brands",
    group: "Desk",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/Brands")),
  },
  {
    path: "topics",
    label: "Topics & tags",
    group: "Desk",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/Topics")),
  },
  {
    path: "attributes",
    label: "Attributes",
    group: "Desk",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/Attributes")),
  },
  {
    path: "ticket-types",
    label: "Ticket types",
    group: "Desk",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/TicketTypes")),
  },
  {
    path: "away-reasons",
    label: "Away reasons",
    group: "Desk",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/AwayReasons")),
  },
  {
    path: "macros",
    label: "Macros",
    group: "Desk",
    permission: "conversations.reply",
    Section: lazy(() => import("@/features/settings/Macros")),
  },
  {
    path: "rules",
    label: "Rules",
    group: "Routing",
    permission: "rules.read",
    Section: lazy(() => import("@/features/rules/Rules")),
  },
  {
    path: "sla",
    label: "SLA policies",
    group: "Routing",
    permission: "rules.read",
    Section: lazy(() => import("@/features/sla/Policies")),
  },
  {
    path: "calendars",
    label: "Calendars",
    group: "Routing",
    permission: "rules.read",
    Section: lazy(() => import("@/features/sla/Calendars")),
  },
  {
    path: "apps",
    label: "Apps",
    group: "Integrations",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/Apps")),
  },
  {
    path: "webhooks",
    label: "Webhooks",
    group: "Integrations",
    permission: "operations.manage",
    Section: lazy(() => import("@/features/settings/Webhooks")),
  },
  {
    path: "changes",
    label: "Changes",
    group: "Oversight",
    permission: "directory.manage",
    Section: lazy(() => import("@/features/settings/Audit")),
  },
];
