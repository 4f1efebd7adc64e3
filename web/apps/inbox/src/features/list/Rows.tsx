// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they are scrolled to and columns are dragged, which <tr> and <td> cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in the heads and rows take the focus
// biome-ignore-all lint/a11y/useKeyWithClickEvents: Enter on the row's button does the same
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import type { ConversationRow, SortOrder } from "@/api/types";
import type { ListStyle } from "@/lib/desk";
import { keep } from "@/lib/keep";
import { usePlace } from "@/lib/place";
import { anyChosen, isChosen } from "@/lib/selection";
import classes from "./ConversationList.module.css";
import { Row } from "./Row";
import { TableHead, TableRow, tableWidth, useLayout } from "./Table";
import type { Selecting } from "./useSelection";

const ROW_PX: Record<ListStyle, number> = { cards: 72, table: 36 };
const HEAD_PX = 33;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 25;

/** Where each list was scrolled to, so that coming back shows the same rows. */
const scrollPlaces = new Map<string, number>();

interface RowsProps {
  /** Of the list, with its filters. */
  name: string;
  rows: ConversationRow[];
  more: (() => void) | null;
  style: ListStyle;
  sort: SortOrder;
  selecting: Selecting;
  mayChoose: boolean;
}

/** The rows that are in sight of any number that there are. */
export function Rows({ name, rows, more, style, sort, selecting, mayChoose }: RowsProps): ReactNode {
  const place = usePlace();
  const scroller = useRef<HTMLDivElement>(null);
  const [layout, setLayout] = useLayout(place.inbox);
  const table = style === "table";
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX[style],
    getItemKey: (index) => rows[index]?.head.id ?? index,
    overscan: 8,
    initialOffset: scrollPlaces.get(name) ?? 0,
    scrollMargin: table ? HEAD_PX : 0,
    scrollPaddingStart: table ? HEAD_PX : 0,
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

  const common = (row: ConversationRow, index: number) => ({
    row,
    selected: index === selected,
    chosen: isChosen(selecting.now, row.head.id),
    mayChoose,
    open: place.open,
    choose: selecting.choose,
  });
  const at = (start: number) => ({ transform: `translateY(${start - (table ? HEAD_PX : 0)}px)` });
  const sortBy = (wanted: SortOrder): void => {
    keep("sort", wanted);
    place.filter({ sort: wanted });
  };
  const shown = items.flatMap((item) => {
    const row = rows[item.index];
    return row ? [{ item, row }] : [];
  });
  const pointing = {
    onPointerMove: selecting.point,
    onWheel: selecting.point,
    onPointerLeave: () => selecting.hover(null),
  };
  const onScroll = (event: { currentTarget: HTMLElement }): void => {
    scrollPlaces.set(name, event.currentTarget.scrollTop);
  };
  if (table)
    return (
      <div
        ref={scroller}
        className={`${classes.scroll} ${classes.wide} sb-scroll`}
        onScroll={onScroll}
        role="table"
        aria-label="Conversations"
        aria-rowcount={rows.length + 1}
        {...pointing}
      >
        <TableHead layout={layout} setLayout={setLayout} sort={sort} sortBy={sortBy} />
        <div
          role="rowgroup"
          className={classes.rows}
          style={{ height: virtual.getTotalSize(), width: tableWidth(layout) }}
        >
          {shown.map(({ item, row }) => (
            <div
              key={item.key}
              role="presentation"
              className={classes.at}
              style={at(item.start)}
              onPointerEnter={() => selecting.hover(row.head.id)}
            >
              <TableRow {...common(row, item.index)} layout={layout} />
            </div>
          ))}
        </div>
      </div>
    );
  return (
    <div
      ref={scroller}
      className={`${classes.scroll} sb-scroll`}
      data-choosing={anyChosen(selecting.now) || undefined}
      onScroll={onScroll}
      {...pointing}
    >
      <ul className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ item, row }) => (
          <li
            key={item.key}
            className={classes.at}
            style={at(item.start)}
            onPointerEnter={() => selecting.hover(row.head.id)}
          >
            <Row {...common(row, item.index)} inbox={place.inbox} />
          </li>
        ))}
      </ul>
    </div>
  );
}
