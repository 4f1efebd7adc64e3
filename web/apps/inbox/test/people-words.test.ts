import { describe, expect, it } from "vitest";
import type { Account } from "@/api/account";
import type { Agent, Permission, Role } from "@/api/people";
import { browserWords, PERMISSIONS, scopeWords, standingWords } from "@/features/people/words";

describe("what people read", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    ["Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/140 Safari/537.36", "Chrome on Windows"],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit Safari/604.1", "Safari on iOS"],
    ["python-httpx/0.28", "python-httpx"],
    ["", "A program"],
  ])("names the browser of a session: %s", (said, words) => {
    expect(browserWords(said)).toBe(words);
  });

  it("says whether somebody is with us", () => {
    const agent = { active: false } as Agent;
    const account = { has_password: true, invited_until: null } as Account;
    expect(standingWords({ ...agent, active: true }, account)).toBe("");
    expect(standingWords(agent, account)).toBe("Deactivated");
    expect(standingWords(agent, { ...account, has_password: false })).toBe("Not joined");
    expect(standingWords(agent, { ...account, has_password: false, invited_until: "2026-01-01" })).toBe(
      "Invited",
    );
  });

  it("offers every right that a role can have, each once", () => {
    const all: Record<Permission, true> = {
      "conversations.read": true,
      "conversations.reply": true,
      "conversations.edit": true,
      "conversations.assign_others": true,
      "conversations.merge": true,
      "rules.read": true,
      "rules.write": true,
      "directory.manage": true,
      "operations.manage": true,
      "tickets.read": true,
      "tickets.write": true,
      "contacts.read": true,
      "contacts.write": true,
      "macros.write": true,
      "dashboard.read": true,
      "rules.publish": true,
      "macros.publish": true,
    };
    const offered = PERMISSIONS.flatMap(({ may }) => may.map(([permission]) => permission));
    expect(offered.sort()).toEqual(Object.keys(all).sort());
  });

  it("says what a role reaches", () => {
    const role = { permissions: ["rules.read"], channels: [], own_teams_only: false } as unknown as Role;
    expect(scopeWords(role)).toBe("1 right · every channel · every team");
    expect(scopeWords({ ...role, channels: ["email", "phone"], own_teams_only: true })).toBe(
      "1 right · email, phone · own teams",
    );
  });
});
