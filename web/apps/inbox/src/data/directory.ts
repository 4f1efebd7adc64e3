/** Who and what there is: the signed-in agent, agents, teams, brands. Changes rarely. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "@/api/client";
import type { Attribute } from "@/api/contacts";
import type { Agent, Brand, Directory, Me, Permission, Role, Team } from "@/api/people";
import type { TicketType } from "@/api/tickets";
import { keys } from "./keys";

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => call<Me>("/api/tickets/me", { signal }),
  staleTime: 5 * 60_000,
});

export const directoryQuery = queryOptions({
  queryKey: keys.directory,
  queryFn: ({ signal }) => call<Directory>("/api/tickets/directory", { signal }),
  staleTime: 60_000,
});

export const useMe = (): Me | undefined => useQuery(meQuery).data;

/** Whether the signed-in agent may; false until that is known. */
export function useMay(permission: Permission): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}

export interface Names {
  agents: Agent[];
  teams: Team[];
  /** Those that are active; `brand` knows the others too. */
  brands: Brand[];
  roles: Role[];
  ticketTypes: TicketType[];
  attributes: Attribute[];
  attribute(id: string): Attribute | undefined;
  ticketType(id: string | null | undefined): TicketType | undefined;
  agent(id: string | null | undefined): Agent | undefined;
  team(id: string | null | undefined): Team | undefined;
  brand(id: string | null | undefined): Brand | undefined;
  agentName(id: string | null | undefined): string;
  /** Whether the agent's role answers customers. */
  answers(agent: Agent): boolean;
  teamName(id: string | null | undefined): string;
}

export function namesOf(directory: Directory | undefined): Names {
  const agents = new Map(directory?.agents.map((each) => [each.agent_id, each]));
  const teams = new Map(directory?.teams.map((each) => [each.team_id, each]));
  const roles = new Map(directory?.roles.map((each) => [each.role_id, each]));
  const types = new Map(directory?.ticket_types.map((each) => [each.type_id, each]));
  const attributes = new Map(directory?.attributes.map((each) => [each.attribute_id, each]));
  const brands = new Map(directory?.brands.map((each) => [each.brand_id, each]));
  return {
    agents: directory?.agents ?? [],
    teams: directory?.teams ?? [],
    brands: directory?.brands.filter((brand) => brand.active) ?? [],
    roles: directory?.roles ?? [],
    ticketTypes: directory?.ticket_types ?? [],
    attributes: directory?.attributes ?? [],
    attribute: (id) => attributes.get(id),
    ticketType: (id) => (id ? types.get(id) : undefined),
    agent: (id) => (id ? agents.get(id) : undefined),
    team: (id) => (id ? teams.get(id) : undefined),
    brand: (id) => (id ? brands.get(id) : undefined),
    answers: (agent) => roles.get(agent.role_id)?.permissions.includes("conversations.reply") ?? false,
    agentName: (id) => (id && agents.get(id)?.name) || "somebody",
    teamName: (id) => (id && teams.get(id)?.name) || "a team",
  };
}

/** The directory by id; empty until it has come. */
export function useNames(): Names {
  const { data } = useQuery(directoryQuery);
  return useMemo(() => namesOf(data), [data]);
}
