import type { ReactNode } from "react";
import type { Dashboard } from "@/api/dashboard";
import type { PlaceSearch } from "@/lib/place";
import { useNow } from "@/ui/Ago";
import { Count } from "./Count";
import classes from "./Tiles.module.css";
import { since, typical } from "./words";

/** The whole of what the lead sees, in a line of figures. */
export function Tiles({ found }: { found: Dashboard }): ReactNode {
  const now = useNow();
  const { now: open, unassigned, today } = found.everything;
  const first = typical(today.first_response);
  const resolution = typical(today.resolution);
  const oldest = open.oldest_waiting;
  return (
    <dl className={classes.tiles} aria-label="All together">
      <Tile name="Open" value={count(open.open, "open conversations", {})} />
      <Tile name="Waiting" value={count(open.waiting, "customers waiting", {})} alert={open.waiting > 0} />
      <Tile name="Unassigned" value={count(unassigned.open, "that nobody has", { assignee: "none" })} />
      <Tile name="Waiting longest" value={oldest ? since(oldest, now) : "–"} />
      <Tile name="New today" value={today.new.toLocaleString()} />
      <Tile name="Closed today" value={today.closed.toLocaleString()} />
      <Tile name="Replies today" value={today.replies.toLocaleString()} />
      <Tile name="First response" value={first.short} hint={first.long} />
      <Tile name="Resolution" value={resolution.short} hint={resolution.long} />
    </dl>
  );
}

const count = (number: number, what: string, search: PlaceSearch): ReactNode => (
  <Count count={number} what={what} search={search} />
);

interface TileProps {
  name: string;
  value: ReactNode;
  hint?: string;
  alert?: boolean;
}

function Tile({ name, value, hint, alert }: TileProps): ReactNode {
  return (
    <div className={classes.tile} title={hint}>
      <dt>{name}</dt>
      <dd className="sb-number" data-alert={alert || undefined}>
        {value}
        {hint && <span className="sb-sr">{hint}</span>}
      </dd>
    </div>
  );
}
