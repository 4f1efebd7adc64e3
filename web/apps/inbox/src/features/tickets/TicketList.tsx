import { IconMenu2, IconTicket } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { sentenceOf } from "@/api/client";
import type { TicketHead } from "@/api/tickets";
import { type Names, useMay, useNames } from "@/data/directory";
import { ticketListQuery } from "@/data/tickets";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { STATE_NAMES } from "@/lib/links";
import { filterOf, ORDERS, type TicketOrder, type TicketPlace, useTicketPlace } from "@/lib/ticket-place";
import { useSteps } from "@/lib/useSteps";
import page from "@/parts/page.module.css";
import { SortMenu } from "@/parts/SortMenu";
import { useVirtualRows } from "@/parts/virtual-rows";
import { IconButton, TextButton } from "@/ui/Quiet";
import { StateMenu, stateName } from "./StateMenu";
import { TicketRow } from "./TicketRow";
import classes from "./tickets.module.css";

const ROW_PX = 72;

const ORDER_NAMES: Record<TicketOrder, string> = {
  newest: "Newest activity",
  oldest: "Oldest first",
  due: "Due first",
  reports: "Most reports",
};

function viewName(view: string, names: Names): string {
  const [kind, id = ""] = view.split(":", 2);
  const fixed: Record<string, string> = {
    open: "All open",
    mine: "Yours",
    unassigned: "Unassigned",
    trackers: "Trackers",
    resolved: "Resolved",
  };
  if (kind === "state") return STATE_NAMES[id as TicketHead["state"]] ?? "Tickets";
  if (kind === "type") return names.ticketType(id)?.name ?? "Tickets";
  if (kind === "team") return names.team(id)?.name ?? "Team";
  return fixed[view] ?? "Tickets";
}

/** The middle column: the tickets of one view, any number of them. */
export function TicketList(): ReactNode {
  const place = useTicketPlace();
  const names = useNames();
  const filter = { ...(place.state && { state: place.state }), ...filterOf(place.view), sort: place.sort };
  const query = useInfiniteQuery(ticketListQuery(filter));
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return (
    <section className={page.list} aria-label="Tickets">
      <header>
        <span className={page.menu}>
          <IconButton label="Views" onClick={() => desk.set({ inboxesDrawer: true })}>
            <IconMenu2 size={17} />
          </IconButton>
        </span>
        <h2 className="sb-truncate">{viewName(place.view, names)}</h2>
      </header>
      <div className={classes.filters}>
        <StateMenu place={place} />
        <SortMenu orders={ORDERS} names={ORDER_NAMES} chosen={place.sort} choose={place.order} />
      </div>
      {query.isError && !query.data ? (
        <div className={page.empty} role="alert">
          <p>{sentenceOf(query.error)}</p>
          <TextButton onClick={() => void query.refetch()}>Try again</TextButton>
        </div>
      ) : rows.length === 0 && query.isSuccess ? (
        <NoTickets place={place} />
      ) : (
        <Rows
          rows={rows}
          place={place}
          more={
            query.hasNextPage && !query.isFetchingNextPage
              ? () => void query.fetchNextPage({ cancelRefetch: false })
              : null
          }
        />
      )}
      <footer className="sb-number">
        {rows.length}
        {query.hasNextPage ? "+" : ""} {rows.length === 1 ? "ticket" : "tickets"}
        {place.state && ` · ${stateName(place.state).toLowerCase()}`} ·{" "}
        {ORDER_NAMES[place.sort].toLowerCase()}
      </footer>
    </section>
  );
}

interface RowsProps {
  rows: readonly TicketHead[];
  place: TicketPlace;
  more: (() => void) | null;
}

function Rows({ rows, place, more }: RowsProps): ReactNode {
  const { scroll, virtual } = useVirtualRows(rows.length, ROW_PX, more);
  const at = rows.findIndex((each) => each.id === place.ticketId);
  const stepTo = useSteps(place.view, at, rows.length);
  const step = (by: 1 | -1): void => {
    const to = stepTo(by);
    const next = rows[to];
    if (!next) return;
    place.open(next.id);
    virtual.scrollToIndex(to);
  };
  useKeys({ j: () => step(1), k: () => step(-1) });
  return (
    <div ref={scroll} className={`${page.rows} sb-scroll`}>
      <ul style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const ticket = rows[index];
          return (
            ticket && (
              <li key={ticket.id} style={{ transform: `translateY(${start}px)` }}>
                <TicketRow ticket={ticket} selected={ticket.id === place.ticketId} open={place.open} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

function NoTickets({ place }: { place: TicketPlace }): ReactNode {
  const mayWrite = useMay("tickets.write");
  const { view, state } = place;
  if (state) {
    return (
      <div className={page.empty}>
        <IconTicket size={28} stroke={1.3} />
        <h3>None of these is {stateName(state).toLowerCase()}</h3>
        <TextButton onClick={() => place.inState(null)}>Show all that are not resolved</TextButton>
      </div>
    );
  }
  return (
    <div className={page.empty}>
      <IconTicket size={28} stroke={1.3} />
      <h3>{view === "mine" ? "Nothing is yours to do" : "No tickets here"}</h3>
      <p>
        {view === "mine"
          ? "Take one from Unassigned when you have time."
          : "Agents make tickets from a conversation’s Links, when another team must act."}
      </p>
      {view === "mine" ? (
        <TextButton onClick={() => place.go("unassigned")}>Look at unassigned</TextButton>
      ) : (
        mayWrite && (
          <TextButton onClick={() => desk.set({ newTicket: { conversationId: null, typeId: null } })}>
            New ticket
          </TextButton>
        )
      )}
    </div>
  );
}
