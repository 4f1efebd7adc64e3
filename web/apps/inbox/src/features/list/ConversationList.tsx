import { IconMenu2 } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import { sentenceOf } from "@/api/client";
import type { ConversationRow } from "@/api/types";
import { useNames } from "@/data/directory";
import { inboxName } from "@/data/inboxes";
import { listQuery } from "@/data/list";
import { rowsOf } from "@/data/pages";
import { conversationQuery, timelineQuery } from "@/data/timeline";
import { desk } from "@/lib/desk";
import { usePlace } from "@/lib/place";
import { Later } from "@/ui/Later";
import { IconButton, TextButton } from "@/ui/Quiet";
import classes from "./ConversationList.module.css";
import { Empty } from "./Empty";
import { Filters, filterWords } from "./Filters";
import { Row } from "./Row";
import { useListKeys } from "./useListKeys";

const ROW_PX = 72;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 12;

const scrollPlaces = new Map<string, number>();

/** The middle column: one inbox's conversations, any number of them. */
export function ConversationList(): ReactNode {
  const place = usePlace();
  const names = useNames();
  const { inbox, status, sort } = place;
  const query = useInfiniteQuery(listQuery({ inbox, status, sort }));
  const rows = useMemo(() => (query.data ? rowsOf(query.data.pages) : []), [query.data]);
  const total = query.data?.pages.at(-1)?.total ?? 0;
  useListKeys(rows);
  usePrefetchNext(rows, place.conversationId);
  return (
    <section className={classes.pane} aria-label="Conversations">
      <header className={classes.head}>
        <span className={classes.menu}>
          <IconButton label="Inboxes" onClick={() => desk.set({ inboxesDrawer: true })}>
            <IconMenu2 size={17} />
          </IconButton>
        </span>
        <h2 className="sb-truncate">{inboxName(inbox, names)}</h2>
      </header>
      <Filters />
      {query.isError && !query.data ? (
        <div className={classes.trouble} role="alert">
          <p>{sentenceOf(query.error)}</p>
          <TextButton onClick={() => void query.refetch()}>Try again</TextButton>
        </div>
      ) : query.isPending ? (
        <Later>
          <Skeletons />
        </Later>
      ) : rows.length === 0 ? (
        <Empty />
      ) : (
        <Rows
          key={`${inbox} ${status} ${sort}`}
          name={`${inbox} ${status} ${sort}`}
          rows={rows}
          more={query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null}
        />
      )}
      <footer className={`${classes.foot} sb-number`}>
        {query.data && filterWords(total, status, sort)}
      </footer>
    </section>
  );
}

interface RowsProps {
  name: string;
  rows: ConversationRow[];
  more: (() => void) | null;
}

function Rows({ name, rows, more }: RowsProps): ReactNode {
  const place = usePlace();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.head.id ?? index,
    overscan: 8,
    initialOffset: scrollPlaces.get(name) ?? 0,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && lastShown >= rows.length - AHEAD) more();
  }, [more, lastShown, rows.length]);

  const selected = rows.findIndex((row) => row.head.id === place.conversationId);
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: "auto" });
  }, [selected, virtual]);

  return (
    <div
      ref={scroller}
      className={`${classes.scroll} sb-scroll`}
      onScroll={(event) => scrollPlaces.set(name, event.currentTarget.scrollTop)}
    >
      <ul style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <li key={item.key} style={{ transform: `translateY(${item.start}px)` }}>
                <Row row={row} selected={item.index === selected} inbox={place.inbox} open={place.open} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

/** The next two conversations are asked for while this one is read: opening them then takes no time. */
function usePrefetchNext(rows: ConversationRow[], selectedId: string | null): void {
  const client = useQueryClient();
  const at = rows.findIndex((row) => row.head.id === selectedId);
  const next = rows
    .slice(at + 1, at + 3)
    .map((row) => row.head.id)
    .join(" ");
  useEffect(() => {
    const timer = setTimeout(() => {
      for (const id of next.split(" ").filter(Boolean)) {
        void client.prefetchQuery(timelineQuery(id));
        void client.prefetchQuery(conversationQuery(id));
      }
    }, 250);
    return () => clearTimeout(timer);
  }, [client, next]);
}

function Skeletons(): ReactNode {
  return (
    <div className={classes.scroll} aria-hidden>
      {Array.from({ length: 9 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nine equal placeholders
        <div key={index} className={classes.skeleton}>
          <i style={{ width: "42%" }} />
          <i style={{ width: "78%" }} />
          <i style={{ width: "64%" }} />
        </div>
      ))}
    </div>
  );
}
