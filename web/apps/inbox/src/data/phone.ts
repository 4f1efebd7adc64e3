/** Calling customers: asking for a call, beginning a conversation with one, noting attempts. */
import type { QueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { CallOutcome } from "@/api/phone";
import type { Answer, Head } from "@/api/types";
import { applyAnswer } from "./commands";

async function ask(client: QueryClient, path: string, body: unknown, key: string): Promise<Head> {
  const answer = await call<Answer>(`/api/tickets/${path}`, { method: "POST", body, idempotencyKey: key });
  applyAnswer(client, answer);
  return answer.head;
}

const of = (id: string): string => `conversations/${encodeURIComponent(id)}`;

export interface Numbers {
  number: string;
  /** One of the brand's own; "" for its first. */
  line: string;
}

/** Have the agent's phone call the customer; what becomes of it comes live. Throws ApiError. */
export const callCustomer = (client: QueryClient, id: string, numbers: Numbers, key: string): Promise<Head> =>
  ask(client, `${of(id)}/calls`, numbers, key);

/** Begin a conversation with a call. Throws ApiError. */
export const beginCall = (
  client: QueryClient,
  wanted: Numbers & { brand_id: string; name: string },
  key: string,
): Promise<Head> => ask(client, "calls", wanted, key);

/** Note an attempt to reach somebody by phone. Throws ApiError. */
export const noteAttempt = (
  client: QueryClient,
  id: string,
  noted: { attempt: number; outcome: CallOutcome; note: string },
  key: string,
): Promise<Head> => ask(client, `${of(id)}/call-attempts`, noted, key);
