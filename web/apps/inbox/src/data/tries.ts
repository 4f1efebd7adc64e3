/** A draft of a rule tried on what happened lately. Nothing is saved and nothing is done to the conversations. */
import { queryOptions } from "@tanstack/react-query";
import { ApiError, call } from "@/api/client";
import type { Drafted, TriedEvent } from "@/api/tries";
import { keys } from "./keys";
import { placed } from "./versioned";

const FRESH_MS = 20_000;

/** Throws ApiError with the places of what is not complete, as saving would. */
export const tryQuery = (drafted: Drafted) =>
  queryOptions({
    queryKey: keys.ruleTry(drafted),
    queryFn: async ({ signal }) => {
      try {
        const body = drafted;
        return await call<{ items: TriedEvent[] }>("/api/routing/rules/try", {
          method: "POST",
          body,
          signal,
        });
      } catch (error) {
        // The body has the rule within; forms know its places from the rule on.
        throw error instanceof ApiError ? placed(inRule(error)) : error;
      }
    },
    enabled: drafted.rule.when.length > 0,
    staleTime: FRESH_MS,
    gcTime: FRESH_MS,
    placeholderData: (before) => before,
    retry: false,
  });

const inRule = (error: ApiError): ApiError =>
  new ApiError({
    title: error.message,
    status: error.status,
    code: error.code,
    errors: error.fields.map((each) => ({ ...each, path: each.path.replace(/^body\.rule\./, "body.") })),
  });
