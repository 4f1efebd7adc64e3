import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { OfAgent } from "@/api/dashboard";
import type { Availability } from "@/api/people";
import { availabilityQuery } from "@/data/availability";
import { useNames } from "@/data/directory";
import { useNow } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { Count } from "./Count";
import classes from "./dashboard.module.css";
import { Load } from "./Load";
import own from "./tables.module.css";
import { clockThere, since, statusWords } from "./words";

const ORDER = { online: 0, away: 1, offline: 2 } as const;

interface AgentsProps {
  agents: readonly OfAgent[];
  openHistory: (agentId: string) => void;
}

/** Everybody with their status and what they have; who is there comes first. */
export function Agents({ agents, openHistory }: AgentsProps): ReactNode {
  const names = useNames();
  const { data } = useQuery(availabilityQuery);
  const statuses = new Map(data?.items.map((each) => [each.agent_id, each]));
  const rank = (one: OfAgent): number => ORDER[statuses.get(one.agent_id)?.status ?? "offline"];
  const name = (one: OfAgent): string => names.agentName(one.agent_id);
  const lines = [...agents].sort((a, b) => rank(a) - rank(b) || name(a).localeCompare(name(b)));
  return (
    <section className={classes.block} aria-labelledby="dashboard-agents">
      <h2 id="dashboard-agents">Agents</h2>
      <div className={own.wide}>
        <table className={own.table}>
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col" className={own.side}>
                Status
              </th>
              <th scope="col" className={own.more}>
                Load
              </th>
              <th scope="col">Open</th>
              <th scope="col">Waiting</th>
              <th scope="col" className={own.more}>
                Longest
              </th>
              <th scope="col" className={own.more}>
                Replies
              </th>
              <th scope="col" className={own.more}>
                Closed
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((one) => (
              <Line
                key={one.agent_id}
                one={one}
                name={name(one)}
                is={statuses.get(one.agent_id)}
                openHistory={() => openHistory(one.agent_id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

interface LineProps {
  one: OfAgent;
  name: string;
  is: Availability | undefined;
  openHistory: () => void;
}

function Line({ one, name, is, openHistory }: LineProps): ReactNode {
  const now = useNow();
  const there = clockThere(is?.time_zone, now);
  const here = { assignee: one.agent_id };
  return (
    <tr>
      <th scope="row">
        <span className={own.who}>
          <Avatar name={name} size={24} accent status={is?.status ?? "offline"} />
          <span className="sb-truncate" title={there ? `${name} (${there})` : name}>
            {name}
            {there && <small>{there}</small>}
          </span>
        </span>
      </th>
      <td className={own.side}>
        <button type="button" className={own.status} onClick={openHistory} aria-haspopup="dialog">
          <span className="sb-truncate">{statusWords(is)}</span>
          {is?.since && <small>{since(is.since, now)}</small>}
          <span className="sb-sr">{name}’s last seven days</span>
        </button>
      </td>
      <td className={own.more}>
        <Load load={is?.load ?? 0} capacity={is?.capacity ?? 0} channels={one.load} />
      </td>
      <td>
        <Count count={one.now.open} what={`open conversations of ${name}`} search={here} />
      </td>
      <td data-alert={one.now.waiting > 0 || undefined}>
        <Count count={one.now.waiting} what={`customers waiting for ${name}`} search={here} />
      </td>
      <td className={own.more}>{one.now.oldest_waiting ? since(one.now.oldest_waiting, now) : ""}</td>
      <td className={own.more}>{one.replies.toLocaleString()}</td>
      <td className={own.more}>{one.closed.toLocaleString()}</td>
    </tr>
  );
}
