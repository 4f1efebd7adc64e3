import { IconMenu2 } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { ConversationRow } from "@/api/types";
import { useMay, useNames } from "@/data/directory";
import { isNarrowed, useListFilter } from "@/data/filter";
import { inboxName } from "@/data/inboxes";
import { listQuery } from "@/data/list";
import { rowsOf } from "@/data/pages";
import { conversationQuery, timelineQuery } from "@/data/timeline";
import { viewsQuery } from "@/data/views";
import { chooseListStyle, desk, recallListStyle } from "@/lib/desk";
import { lazy } from "@/lib/lazy";
import { usePlace } from "@/lib/place";
import { anyChosen } from "@/lib/selection";
import { useStore } from "@/lib/store";
import { useNarrow } from "@/lib/useNarrow";
import { Later } from "@/ui/Later";
import { IconButton, TextButton } from "@/ui/Quiet";
import classes from "./ConversationList.module.css";
import { Empty } from "./Empty";
import { Filters, filterWords } from "./Filters";
import { Rows } from "./Rows";
import { useListKeys } from "./useListKeys";
import { useSelection } from "./useSelection";

// What the first look at the inbox does not need comes right after it.
const BulkBar = lazy(() => import("./BulkBar"));
const Chips = lazy(() => import("./Chips"));
const Jobs = lazy(() => import("./Jobs"));
const ViewMenu = lazy(() => import("./ViewMenu"));

/** The middle column: one inbox's conversations, any number of them. */
export function ConversationList(): ReactNode {
  const place = usePlace();
  const { filter, known } = useListFilter();
  const name = JSON.stringify([place.inbox, filter]);
  const query = useInfiniteQuery({ ...listQuery(filter), enabled: known });
  const rows = useMemo(() => (query.data ? rowsOf(query.data.pages) : []), [query.data]);
  const total = query.data?.pages.at(-1)?.total ?? null;
  const mayEdit = useMay("conversations.edit");
  const selecting = useSelection(name, rows, mayEdit);
  const narrow = useNarrow();
  const wanted = useStore(desk, (state) => state.listStyle);
  // A table on a phone would be one column of it.
  const style = narrow ? "cards" : wanted;
  useEffect(() => recallListStyle(place.inbox), [place.inbox]);
  const narrowed = isNarrowed(filter);
  const [chips, setChips] = useState<{ inbox: string; shown: boolean } | null>(null);
  // Shown while they narrow something, unless somebody wants it otherwise.
  const narrowing = chips?.inbox === place.inbox ? chips.shown : narrowed;
  useListKeys(rows);
  usePrefetchNext(rows, place.conversationId);
  return (
    <section className={classes.pane} aria-label="Conversations" aria-busy={query.isFetching || undefined}>
      <Title />
      {anyChosen(selecting.now) ? (
        <Suspense fallback={<div className={classes.filters} />}>
          <BulkBar filter={filter} selecting={selecting} rows={rows} total={total} />
        </Suspense>
      ) : (
        <Filters
          style={style}
          setStyle={narrow ? null : (chosen) => chooseListStyle(place.inbox, chosen)}
          narrowing={narrowing}
          setNarrowing={(shown) => setChips({ inbox: place.inbox, shown })}
        />
      )}
      <Suspense>{narrowing && <Chips />}</Suspense>
      <Suspense>
        <Jobs />
      </Suspense>
      {place.inbox.startsWith("view:") && !known ? (
        <UnknownView />
      ) : query.isError && !query.data ? (
        <div className={classes.trouble} role="alert">
          <p>{sentenceOf(query.error)}</p>
          <TextButton onClick={() => void query.refetch()}>Try again</TextButton>
        </div>
      ) : query.isPending ? (
        <Later>
          <Skeletons />
        </Later>
      ) : rows.length === 0 ? (
        <Empty filter={filter} />
      ) : (
        <Rows
          key={`${name} ${style}`}
          name={name}
          rows={rows}
          more={
            query.hasNextPage && !query.isFetchingNextPage
              ? () => void query.fetchNextPage({ cancelRefetch: false })
              : null
          }
          style={style}
          sort={filter.sort}
          selecting={selecting}
          mayChoose={mayEdit}
        />
      )}
      <footer className={`${classes.foot} sb-number`}>{query.data && filterWords(total, filter)}</footer>
    </section>
  );
}

function Title(): ReactNode {
  const place = usePlace();
  const names = useNames();
  const { view } = useListFilter();
  const views = useQuery(viewsQuery);
  return (
    <header className={classes.head}>
      <span className={classes.menu}>
        <IconButton label="Inboxes" onClick={() => desk.set({ inboxesDrawer: true })}>
          <IconMenu2 size={17} />
        </IconButton>
      </span>
      <h2 className="sb-truncate">{inboxName(place.inbox, names, views.data?.items)}</h2>
      <Suspense>{view?.mine && <ViewMenu view={view} />}</Suspense>
    </header>
  );
}

/** A link to a view that was deleted, or is another agent's. */
function UnknownView(): ReactNode {
  const place = usePlace();
  const views = useQuery(viewsQuery);
  if (views.isPending)
    return (
      <Later>
        <Skeletons />
      </Later>
    );
  return (
    <div className={classes.trouble} role="alert">
      <p>There is no such view any more, or it is not shared with you.</p>
      <TextButton onClick={() => place.goInbox("mine")}>Back to your inbox</TextButton>
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
