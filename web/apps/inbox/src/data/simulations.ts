/** Drafts of rules run over recorded conversations: begun, looked at until the end, cancelled. Nothing is applied. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Drafted, Simulation } from "@/api/tries";
import { keys } from "./keys";

const PATH = "/api/routing/rules/simulations";
const AGAIN_MS = 700;

/** Gives its id. Throws ApiError when another one of the agent's is running. */
export async function beginSimulation(drafts: readonly Drafted[], conversations: number): Promise<string> {
  const body = { drafts, conversations };
  return (await call<{ id: string }>(PATH, { method: "POST", body })).id;
}

export const cancelSimulation = (id: string): Promise<void> =>
  call(`${PATH}/${encodeURIComponent(id)}`, { method: "DELETE" });

/** Asked again until it ends. */
export const simulationQuery = (id: string | null) =>
  queryOptions({
    queryKey: keys.simulation(id ?? ""),
    queryFn: ({ signal }) => call<Simulation>(`${PATH}/${encodeURIComponent(id ?? "")}`, { signal }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && state.data.state !== "running" ? false : AGAIN_MS),
  });
