import { Button, Select } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { AuditAct, FieldChange } from "@/api/settings";
import { useNames } from "@/data/directory";
import { type AuditFilter, auditQuery } from "@/data/settings";
import { Section } from "@/parts/settings/Section";
import shared from "@/parts/settings/settings.module.css";
import { Ago } from "@/ui/Ago";
import classes from "./forms.module.css";

const KINDS: Record<string, string> = {
  brand: "Brand",
  team: "Team",
  role: "Role",
  agent: "Agent",
  ticket_type: "Ticket type",
  attribute: "Attribute",
  macro: "Macro",
  app: "App",
  rule: "Rule",
  sla_policy: "Service level",
  calendar: "Calendar",
  settings: "Settings",
};

/** Who changed the desk's configuration, when, and what it was before. */
export default function Audit(): ReactNode {
  const names = useNames();
  const [filter, setFilter] = useState<AuditFilter>({ kind: null, agent_id: null });
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    auditQuery(filter),
  );
  const acts = data?.pages.flatMap((page) => page.items);
  return (
    <Section
      title="Changes"
      hint="Every change of the settings, of people and roles: who made it, and what it was before."
    >
      <div className={classes.bar}>
        <Select
          aria-label="Of what"
          placeholder="Of anything"
          clearable
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={filter.kind}
          onChange={(kind) => setFilter({ ...filter, kind })}
        />
        <Select
          aria-label="By whom"
          placeholder="By anybody"
          clearable
          searchable
          data={names.agents.map((agent) => ({ value: agent.agent_id, label: agent.name }))}
          value={filter.agent_id}
          onChange={(agent_id) => setFilter({ ...filter, agent_id })}
        />
      </div>
      {error && (
        <p role="alert" className={shared.wrong}>
          {sentenceOf(error)}
        </p>
      )}
      {acts && acts.length > 0 && (
        <ul className={classes.calls} aria-label="Changes">
          {acts.map((act) => (
            <Act key={act.act_id} act={act} />
          ))}
        </ul>
      )}
      {acts?.length === 0 && <p className={shared.nothing}>Nothing was changed.</p>}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show earlier ones
        </Button>
      )}
    </Section>
  );
}

function Act({ act }: { act: AuditAct }): ReactNode {
  const who = act.by.kind === "agent" ? act.by.name : "Switchboard";
  return (
    <li>
      <b dir="auto">
        {KINDS[act.kind] ?? act.kind}: {act.name}
      </b>
      <small>
        {act.made ? "made" : doneWords(act)} by {who} · <Ago at={act.at} />
      </small>
      {act.text && <p dir="auto">{act.text}</p>}
      {!act.made && (
        <dl className={classes.changes}>
          {act.changes.map((change) => (
            <Change key={change.field} change={change} />
          ))}
        </dl>
      )}
    </li>
  );
}

/** "changed", or of what has versions "version 3 published". */
function doneWords({ act, version }: AuditAct): string {
  if (!act || act === "terms_changed") return "changed";
  return `version ${version} ${act.replaceAll("_", " ")}`;
}

function Change({ change }: { change: FieldChange }): ReactNode {
  const name = change.field.replaceAll("_", " ").replace(/ ids?$/, "");
  return (
    <>
      <dt>{name.charAt(0).toUpperCase() + name.slice(1)}</dt>
      <dd dir="auto">
        {change.hidden ? (
          "changed"
        ) : (
          <>
            <del>{shown(change.before)}</del> → <ins>{shown(change.after)}</ins>
          </>
        )}
      </dd>
    </>
  );
}

/** A value as short text: lists by their entries, things by their name. */
function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length > 0 ? value.map(shown).join(", ") : "nothing";
  if (typeof value === "object") {
    const one = value as Record<string, unknown>;
    const named = one.label || one.name || one.address || one.kind;
    return typeof named === "string" ? named : Object.values(one).map(shown).join(", ");
  }
  return String(value);
}
