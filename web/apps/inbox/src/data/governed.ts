/** What is governed: each kind with its address and rights, its versions, what happened, and what is done to one. */
import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Governed, Happened, Terms } from "@/api/governed";
import type { Permission } from "@/api/people";
import type { Act, Who } from "@/lib/governed";
import { useMay, useMe } from "./directory";
import { keys } from "./keys";
import { keptList } from "./versioned";

export interface Kind {
  path: string;
  /** Under which its list is cached; all else of it is under this, too. */
  key: readonly [string];
  /** What one and several are called in a sentence. */
  words: string;
  plural: string;
  write: Permission;
  publish: Permission;
}

export const RULES: Kind = {
  path: "/api/routing/rules",
  key: keys.rules,
  words: "rule",
  plural: "rules",
  write: "rules.write",
  publish: "rules.publish",
};

export const POLICIES: Kind = {
  path: "/api/routing/sla/policies",
  key: keys.policies,
  words: "policy",
  plural: "policies",
  write: "rules.write",
  publish: "rules.publish",
};

/** Everybody's. With them all that is known of macros is asked for anew: what agents write with follows from them. */
export const MACROS: Kind = {
  path: "/api/tickets/shared-macros",
  key: keys.macros,
  words: "macro",
  plural: "macros",
  write: "macros.write",
  publish: "macros.publish",
};

const at = (kind: Kind, id: string): string => `${kind.path}/${encodeURIComponent(id)}`;

/** Newest first, each with what became of it. */
export const versionsQuery = <T extends Governed>(kind: Kind, id: string) =>
  queryOptions({
    queryKey: [...kind.key, id, "versions"],
    queryFn: ({ signal }) => keptList<T>(`${at(kind, id)}/versions`, signal),
  });

/** Those that are not in force any more, nor to be. */
export const retiredQuery = (kind: Kind) =>
  queryOptions({
    queryKey: [...kind.key, "retired"],
    queryFn: async ({ signal }) =>
      (await keptList<Governed & { name: string }>(`${kind.path}?retired=true`, signal)).filter(
        ({ standing }) => standing.state === "retired",
      ),
  });

export const historyQuery = (kind: Kind, id: string) =>
  queryOptions({
    queryKey: [...kind.key, id, "history"],
    queryFn: async ({ signal }) =>
      (await call<{ items: Happened[] }>(`${at(kind, id)}/history`, { signal })).items,
  });

export const termsQuery = (kind: Kind) =>
  queryOptions({
    queryKey: [...kind.key, "governance"],
    queryFn: ({ signal }) => call<Terms>(`${kind.path}/governance`, { signal }),
    staleTime: 60_000,
  });

export const refreshKind = (client: QueryClient, kind: Kind): Promise<void> =>
  client.invalidateQueries({ queryKey: kind.key });

export async function putTerms(client: QueryClient, kind: Kind, terms: Terms): Promise<void> {
  await call(`${kind.path}/governance`, { method: "PUT", body: terms });
  await refreshKind(client, kind);
}

/** One act on the version that was seen. Throws ApiError `stale_version` when somebody else was quicker. */
export async function act(
  client: QueryClient,
  kind: Kind,
  one: Pick<Governed, "id" | "version">,
  name: Act | "rollback",
  body: object,
): Promise<Governed> {
  const path = `${at(kind, one.id)}/${name}`;
  try {
    return await call<Governed>(path, { method: "POST", body, ifMatch: one.version });
  } finally {
    await refreshKind(client, kind);
  }
}

/** What the signed-in agent may do to this kind. */
export function useWho(kind: Kind): Who {
  const me = useMe();
  const mayWrite = useMay(kind.write);
  const mayPublish = useMay(kind.publish);
  const { data: terms } = useQuery(termsQuery(kind));
  const approver = me !== undefined && terms?.approver_role_ids.includes(me.role.role_id) === true;
  return { agentId: me?.agent.agent_id ?? "", mayWrite, mayPublish, mayApprove: mayPublish || approver };
}

/** Whether what the agent saves may be in force in the same step. */
export function usePublishes(kind: Kind): boolean {
  const { mayPublish } = useWho(kind);
  const { data: terms } = useQuery(termsQuery(kind));
  return mayPublish && terms?.approvals === 0;
}
