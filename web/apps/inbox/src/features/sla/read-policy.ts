import type { Policy, PolicyEdit } from "@/api/sla";

/** What a form begins with: what is there, or what most want of a new one. */
export const readPolicy = (there: Policy | undefined): PolicyEdit => ({
  name: there?.name ?? "",
  enabled: there?.enabled ?? true,
  brand_ids: there?.brand_ids ?? [],
  if: there?.if ?? null,
  calendar_id: there?.calendar_id ?? null,
  first_response_s: there ? there.first_response_s : 4 * 3600,
  next_response_s: there?.next_response_s ?? null,
  close_s: there?.close_s ?? null,
  ticket_if: there?.ticket_if ?? null,
  resolution_s: there?.resolution_s ?? null,
  warn_percent: there?.warn_percent ?? 20,
  pauses: there?.pauses ?? ["snoozed", "waiting_on_customer"],
});
