/** What fields, operators and ids are called, for rules and policies in words. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Asking } from "@/api/conditions";
import type { Agent } from "@/api/people";
import { useNames } from "@/data/directory";
import { macrosQuery } from "@/data/macros";
import { ruleWebhooksQuery } from "@/data/rules";
import { calendarsQuery, policiesQuery } from "@/data/sla";
import { webhookWords } from "@/lib/rules/webhooks";
import type { Naming } from "@/lib/rules/words";

/** A rule goes on naming who has left, and nobody is asked for them: that is to be seen where it is read. */
const agentWords = (agent: Agent | undefined): string | undefined =>
  agent && (agent.active ? agent.name : `${agent.name} (not with us any more)`);

export function useNaming(asking: Asking | undefined): Naming {
  const names = useNames();
  const { data: policies } = useQuery(policiesQuery);
  const { data: calendars } = useQuery(calendarsQuery);
  const { data: macros } = useQuery(macrosQuery);
  const { data: webhooks } = useQuery(ruleWebhooksQuery);
  return useMemo(() => {
    const fields = new Map(asking?.fields.map((each) => [each.name, each]));
    return {
      field: (name) => fields.get(name),
      operator: (field, name) => asking?.operators[field.type]?.find((each) => each.name === name),
      ref: (kind, id) => {
        switch (kind) {
          case "brand":
            return names.brand(id)?.name ?? id;
          case "team":
            return names.team(id)?.name ?? id;
          case "agent":
            return agentWords(names.agent(id)) ?? id;
          case "calendar":
            return calendars?.find((each) => each.id === id)?.name ?? id;
          case "ticket_type":
            return names.ticketType(id)?.name ?? id;
          case "tag":
            return `“${id}”`;
        }
      },
      attribute: (id) => names.attribute(id)?.label ?? id,
      macro: (id) => macros?.items.find(({ macro }) => macro.macro_id === id)?.macro.name ?? id,
      ticketType: (id) => names.ticketType(id)?.name ?? id,
      webhook: (id) => webhookWords(webhooks, id),
      policy: (id) => policies?.find((each) => each.id === id)?.name ?? id,
    };
  }, [asking, names, policies, calendars, macros, webhooks]);
}
