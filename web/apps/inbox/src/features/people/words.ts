/** What people read about roles, accounts and browsers. */
import type { Account } from "@/api/account";
import type { Agent, Permission, Role } from "@/api/people";

export const PERMISSIONS: readonly { group: string; may: readonly [Permission, string][] }[] = [
  {
    group: "Conversations",
    may: [
      ["conversations.read", "Read conversations"],
      ["conversations.reply", "Answer customers, write notes"],
      ["conversations.edit", "Close, snooze, tag, take what nobody has"],
      ["conversations.assign_others", "Assign other people’s conversations"],
      ["conversations.merge", "Merge conversations"],
    ],
  },
  {
    group: "Tickets and contacts",
    may: [
      ["tickets.read", "See back-office tickets"],
      ["tickets.write", "Work on back-office tickets"],
      ["contacts.read", "See contacts"],
      ["contacts.write", "Change contacts"],
    ],
  },
  {
    group: "The desk",
    may: [
      ["dashboard.read", "See the dashboard, and how long colleagues were in each status"],
      ["macros.write", "Change everybody’s macros"],
      ["macros.publish", "Approve and publish macros"],
      ["rules.read", "Read rules"],
      ["rules.write", "Change rules"],
      ["rules.publish", "Approve and publish rules"],
      ["directory.manage", "Manage brands, teams, agents and roles"],
      ["operations.manage", "See and replay rejected inputs and deliveries"],
    ],
  },
];

export const CHANNELS = [
  { value: "email", label: "Email" },
  { value: "chat", label: "Chat" },
  { value: "phone", label: "Phone" },
  { value: "custom", label: "Custom channels" },
];

/** "4 rights · email, phone · own teams". */
export function scopeWords(role: Role): string {
  const channels = role.channels.map(
    (each) => CHANNELS.find(({ value }) => value === each)?.label.toLowerCase() ?? each,
  );
  const where = channels.length ? channels.join(", ") : "every channel";
  const rights = role.permissions.length === 1 ? "1 right" : `${role.permissions.length} rights`;
  return `${rights} · ${where} · ${role.own_teams_only ? "own teams" : "every team"}`;
}

/** "Invited", "Deactivated", or nothing for who is with us. */
export function standingWords(agent: Agent, account: Account | undefined): string {
  if (agent.active) return "";
  return account?.invited_until ? "Invited" : account && !account.has_password ? "Not joined" : "Deactivated";
}

const BROWSERS: readonly [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: readonly [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux", from what a browser calls itself. */
export function browserWords(said: string): string {
  const name = (of: readonly [RegExp, string][]): string | undefined =>
    of.find(([pattern]) => pattern.test(said))?.[1];
  const [browser, system] = [name(BROWSERS), name(SYSTEMS)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? (said.split("/")[0]?.trim() || "A program");
}
