/** Policies and calendars of service levels, from routing. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Asking, FieldInfo } from "@/api/conditions";
import type { Calendar, CalendarEdit, Policy, PolicyEdit, Preview } from "@/api/sla";
import { keys } from "./keys";
import { showWhileKept } from "./patch-query";
import { ASKED_ANEW, keptList, removeKept, saveKept } from "./versioned";

export const policiesQuery = queryOptions({
  queryKey: keys.policies,
  queryFn: ({ signal }) => keptList<Policy>("/api/routing/sla/policies", signal),
  ...ASKED_ANEW,
});

export const calendarsQuery = queryOptions({
  queryKey: keys.calendars,
  queryFn: ({ signal }) => keptList<Calendar>("/api/routing/calendars", signal),
  ...ASKED_ANEW,
});

export const policySchemaQuery = queryOptions({
  queryKey: keys.policySchema,
  queryFn: ({ signal }) =>
    call<Asking & { ticket_fields: FieldInfo[] }>("/api/routing/sla/schema", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export const countriesQuery = queryOptions({
  queryKey: keys.countries,
  queryFn: ({ signal }) =>
    call<{ items: { code: string; regions: string[] }[] }>("/api/routing/calendars/countries", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});

export interface PreviewAsked {
  goals: number[];
  warn_percent: number;
  calendar_id: string | null;
}

/** What would be due when, for something that starts now. */
export const previewQuery = (asked: PreviewAsked) =>
  queryOptions({
    queryKey: keys.slaPreview(asked),
    queryFn: ({ signal }) =>
      call<Preview>("/api/routing/sla/preview", { method: "POST", body: asked, signal }),
    enabled: asked.goals.length > 0,
    staleTime: 30_000,
    placeholderData: (before) => before,
    retry: false,
  });

/** The public holidays of this year and the next by which a calendar is closed. */
export const holidaysQuery = (country: string, region: string) =>
  queryOptions({
    queryKey: keys.holidays(country, region),
    queryFn: ({ signal }) =>
      call<{ items: { date: string; name: string }[] }>("/api/routing/calendars/holidays", {
        method: "POST",
        body: {
          name: "x",
          time_zone: "UTC",
          hours: [{ day: "mon", opens: "09:00", closes: "17:00" }],
          country,
          region,
        },
        signal,
      }),
    enabled: country !== "",
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** `publish`: in force at once, else a draft. */
export async function savePolicy(
  client: QueryClient,
  id: string | null,
  edit: PolicyEdit,
  version: number,
  publish: boolean,
) {
  const made = await saveKept<Policy>("/api/routing/sla/policies", id, edit, version, publish);
  await client.invalidateQueries({ queryKey: keys.policies });
  return made;
}

export async function saveCalendar(
  client: QueryClient,
  id: string | null,
  edit: CalendarEdit,
  version: number,
) {
  const made = await saveKept<Calendar>("/api/routing/calendars", id, edit, version);
  await client.invalidateQueries({ queryKey: keys.calendars });
  await client.invalidateQueries({ queryKey: keys.slaPreviews });
  return made;
}

export async function removeCalendar(client: QueryClient, calendar: Calendar): Promise<void> {
  await removeKept("/api/routing/calendars", calendar);
  await client.invalidateQueries({ queryKey: keys.calendars });
}

type Policies = (Policy & { seq: number })[];

/** One place earlier than it is by now. */
function earlier(now: Policies, id: string): Policies {
  const at = now.findIndex((each) => each.id === id);
  return at > 0 ? now.toSpliced(at, 1).toSpliced(at - 1, 0, ...now.slice(at, at + 1)) : now;
}

/** Ask a policy before the one that it comes after. */
export const askEarlier = (client: QueryClient, id: string): Promise<void> =>
  showWhileKept<Policies>(
    client,
    keys.policies,
    (now = []) => earlier(now, id),
    (wanted) =>
      call("/api/routing/sla/policies/order", {
        method: "PUT",
        body: { ids: wanted.map((each) => each.id) },
      }),
  );
