/** A version of a policy as lines, for reading and for comparing two. Pure. */
import type { PolicyEdit } from "@/api/sla";
import type { Line } from "@/lib/lines";
import { treeOf } from "@/lib/rules/tree";
import { branchLines, type Naming } from "@/lib/rules/words";
import { spanWords } from "@/lib/sla";

const PAUSES = { snoozed: "While it is snoozed", waiting_on_customer: "While we wait for the customer" };

export function linesOfPolicy(policy: PolicyEdit, naming: Naming, calendar: (id: string) => string): Line[] {
  const line = (part: string, text: string): Line => ({ part, depth: 0, text });
  const target = (part: string, seconds: number | null): Line =>
    line(part, seconds === null ? "No target" : spanWords(seconds));
  const brands = policy.brand_ids.map((id) => line("Brands", naming.ref("brand", id)));
  const pauses = policy.pauses.map((each) => line("Stands still", PAUSES[each]));
  return [
    line("Name", policy.name),
    line("In use", policy.enabled ? "Yes" : "No"),
    ...(brands.length ? brands : [line("Brands", "Every brand")]),
    ...branchLines("If", treeOf(policy.if), naming),
    target("First answer", policy.first_response_s),
    target("Next answer", policy.next_response_s),
    target("Close", policy.close_s),
    target("Resolution of tickets", policy.resolution_s),
    ...(policy.ticket_if ? branchLines("Tickets if", treeOf(policy.ticket_if), naming) : []),
    line("Counted by", policy.calendar_id ? calendar(policy.calendar_id) : "All time, day and night"),
    line("Warns", `When ${policy.warn_percent} % is left`),
    ...(pauses.length ? pauses : [line("Stands still", "Never")]),
  ];
}
