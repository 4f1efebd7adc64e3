/** Accounts, roles and teams: queries and commands. What a command changed is in the directory at once. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type { Account, Enrolment, SecondFactor, SecretLink, SessionRow } from "@/api/account";
import { call, goOnWith } from "@/api/client";
import type { Agent, Role, Session, Team } from "@/api/people";
import { keys } from "./keys";

export const accountsQuery = queryOptions({
  queryKey: keys.accounts,
  queryFn: async ({ signal }) => {
    const { items } = await call<{ items: Account[] }>("/api/tickets/agents/accounts", { signal });
    return new Map(items.map((each) => [each.agent_id, each]));
  },
});

export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async ({ signal }) =>
    (await call<{ items: SessionRow[] }>("/api/tickets/sessions", { signal })).items,
});

export const secondFactorQuery = queryOptions({
  queryKey: keys.secondFactor,
  queryFn: ({ signal }) => call<SecondFactor>("/api/tickets/me/second-factor", { signal }),
});

type Body = Record<string, unknown>;

async function changed(client: QueryClient): Promise<void> {
  await Promise.all(
    [keys.directory, keys.me, keys.accounts].map((queryKey) => client.invalidateQueries({ queryKey })),
  );
}

async function put<T>(client: QueryClient, path: string, body: Body): Promise<T> {
  const made = await call<T>(`/api/tickets${path}`, { method: "PUT", body });
  await changed(client);
  return made;
}

export const putAgent = (client: QueryClient, id: string, body: Body): Promise<Agent> =>
  put(client, `/agents/${id}`, body);
export const putRole = (client: QueryClient, id: string, body: Body): Promise<Role> =>
  put(client, `/roles/${id}`, body);
export const putTeam = (client: QueryClient, id: string, body: Body): Promise<Team> =>
  put(client, `/teams/${id}`, body);
export const putProfile = (client: QueryClient, name: string): Promise<Agent> =>
  put(client, "/me/profile", { name });

export async function deleteRole(client: QueryClient, role: Role): Promise<void> {
  await call(`/api/tickets/roles/${role.role_id}?seen_seq=${role.seq}`, { method: "DELETE" });
  await changed(client);
}

export async function invite(client: QueryClient, body: Body): Promise<SecretLink & { agent: Agent }> {
  const made = await call<SecretLink & { agent: Agent }>("/api/tickets/invitations", {
    method: "POST",
    body,
  });
  await changed(client);
  return made;
}

async function done<T>(client: QueryClient, method: "POST" | "DELETE", path: string): Promise<T> {
  const answer = await call<T>(`/api/tickets${path}`, { method });
  await changed(client);
  return answer;
}

export const inviteAgain = (client: QueryClient, id: string): Promise<SecretLink> =>
  done(client, "POST", `/agents/${id}/invitation`);
export const withdrawInvitation = (client: QueryClient, id: string): Promise<void> =>
  done(client, "DELETE", `/agents/${id}/invitation`);
export const makeReset = (client: QueryClient, id: string): Promise<SecretLink> =>
  done(client, "POST", `/agents/${id}/password-reset`);
export const signOutAgent = (client: QueryClient, id: string): Promise<void> =>
  done(client, "DELETE", `/agents/${id}/sessions`);
export const removeAgentsFactor = (client: QueryClient, id: string): Promise<void> =>
  done(client, "DELETE", `/agents/${id}/second-factor`);
export const unlinkAgent = (client: QueryClient, id: string): Promise<void> =>
  done(client, "DELETE", `/agents/${id}/identity`);

// ── one's own account ──────────────────────────────────────────────────────────────────────────
/** These end the access token of before; the answer's goes on. */
async function goOn(
  client: QueryClient,
  method: "POST" | "DELETE",
  path: string,
  body?: Body,
): Promise<void> {
  goOnWith(await call<Session>(`/api/tickets${path}`, { method, ...(body ? { body } : {}) }));
  await client.invalidateQueries({ queryKey: keys.sessions });
}

export const endSession = (client: QueryClient, id: string): Promise<void> =>
  goOn(client, "DELETE", `/sessions/${id}`);
export const endOtherSessions = (client: QueryClient): Promise<void> => goOn(client, "DELETE", "/sessions");
export const changePassword = (client: QueryClient, current: string, fresh: string): Promise<void> =>
  goOn(client, "POST", "/me/password", { current, new: fresh });

export const beginFactor = (password: string): Promise<Enrolment> =>
  call("/api/tickets/me/second-factor", { method: "POST", body: { password } });

async function codes(client: QueryClient, path: string, body: Body): Promise<string[]> {
  const said = await call<{ recovery_codes: string[] }>(`/api/tickets/me/second-factor/${path}`, {
    method: "POST",
    body,
  });
  await client.invalidateQueries({ queryKey: keys.secondFactor });
  return said.recovery_codes;
}

export const confirmFactor = (client: QueryClient, code: string): Promise<string[]> =>
  codes(client, "confirm", { code });
export const newRecoveryCodes = (client: QueryClient, password: string, code: string): Promise<string[]> =>
  codes(client, "recovery-codes", { password, code });

export async function removeFactor(client: QueryClient, password: string, code: string): Promise<void> {
  await call("/api/tickets/me/second-factor/remove", { method: "POST", body: { password, code } });
  await client.invalidateQueries({ queryKey: keys.secondFactor });
}
