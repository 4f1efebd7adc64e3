import {
  IconCircleCheck,
  IconPlus,
  IconRadar2,
  IconStack2,
  IconUser,
  IconUserOff,
  IconUsers,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TicketState } from "@/api/tickets";
import { useMay, useMe, useNames } from "@/data/directory";
import { ticketCountsQuery } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { STATE_NAMES } from "@/lib/links";
import { useTicketPlace } from "@/lib/ticket-place";
import page from "@/parts/page.module.css";
import shared from "@/parts/tickets/tickets.module.css";
import { IconButton } from "@/ui/Quiet";
import classes from "./tickets.module.css";

const STATES: readonly TicketState[] = ["submitted", "in_progress", "waiting_on_customer"];

/** The views of tickets: mine, each state, each type, each team, with how many are open. */
export function TicketNav(): ReactNode {
  const names = useNames();
  const myTeams = useMe()?.agent.team_ids ?? [];
  const { data } = useQuery(ticketCountsQuery());
  const counts = data?.counts ?? {};
  const mayWrite = useMay("tickets.write");
  const types = names.ticketTypes.filter((type) => type.active && type.kind === "back_office");
  const teams = names.teams.filter(
    (team) => myTeams.includes(team.team_id) || counts[`team:${team.team_id}`],
  );
  return (
    <nav className={classes.nav} aria-label="Ticket views">
      <header>
        <h2>Tickets</h2>
        {mayWrite && (
          <IconButton
            label="New ticket"
            keys="I"
            onClick={() => desk.set({ newTicket: { conversationId: null, typeId: null } })}
          >
            <IconPlus size={17} />
          </IconButton>
        )}
      </header>
      <div className="sb-scroll">
        <ul>
          <Item view="open" name="All open" icon={<IconStack2 size={16} />} count={counts.all} />
          <Item view="mine" name="Yours" icon={<IconUser size={16} />} count={counts.mine} strong />
          <Item
            view="unassigned"
            name="Unassigned"
            icon={<IconUserOff size={16} />}
            count={counts.unassigned}
          />
          <Item view="trackers" name="Trackers" icon={<IconRadar2 size={16} />} />
          <Item view="resolved" name="Resolved" icon={<IconCircleCheck size={16} />} />
        </ul>
        <h3>States</h3>
        <ul>
          {STATES.map((state) => (
            <Item
              key={state}
              view={`state:${state}`}
              name={STATE_NAMES[state]}
              icon={<span className={shared.dot} data-state={state} />}
              count={counts[`state:${state}`]}
            />
          ))}
        </ul>
        <h3>Types</h3>
        <ul>
          {types.map((type) => (
            <Item
              key={type.type_id}
              view={`type:${type.type_id}`}
              name={type.name}
              icon={<span className={classes.typeDot} style={{ background: type.color }} />}
              count={counts[`type:${type.type_id}`]}
            />
          ))}
        </ul>
        {teams.length > 0 && <h3>Teams</h3>}
        <ul>
          {teams.map((team) => (
            <Item
              key={team.team_id}
              view={`team:${team.team_id}`}
              name={team.name}
              icon={<IconUsers size={16} />}
              count={counts[`team:${team.team_id}`]}
            />
          ))}
        </ul>
      </div>
    </nav>
  );
}

interface ItemProps {
  view: string;
  name: string;
  icon: ReactNode;
  count?: number | undefined;
  strong?: boolean;
}

function Item({ view, name, icon, count, strong }: ItemProps): ReactNode {
  const place = useTicketPlace();
  const go = (): void => {
    place.go(view);
    desk.set({ inboxesDrawer: false });
  };
  return (
    <li>
      <button
        type="button"
        className={page.item}
        aria-current={place.view === view ? "page" : undefined}
        onClick={go}
      >
        <span>{icon}</span>
        <span className="sb-truncate" dir="auto" title={name}>
          {name}
        </span>
        {Boolean(count) && (
          <span className={`${classes.count} sb-number`} data-strong={strong || undefined}>
            {count?.toLocaleString()}
          </span>
        )}
      </button>
    </li>
  );
}
