// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they are scrolled to and columns are dragged, which <tr> and <td> cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in the heads and rows take the focus
// biome-ignore-all lint/a11y/useKeyWithClickEvents: Enter on the row's button does the same
import type { ReactNode } from "react";
import type { ConversationRow, SortOrder } from "@/api/types";
import type { ListStyle } from "@/lib/desk";
import { keep } from "@/lib/keep";
import { usePlace } from "@/lib/place";
import { anyChosen, isChosen } from "@/lib/selection";
import classes from "./ConversationList.module.css";
import { Row } from "./Row";
import { TableHead, TableRow, tableWidth, useLayout } from "./Table";
import { useRowsInSight } from "./useRowsInSight";
import type { Selecting } from "./useSelection";

const ROW_PX: Record<ListStyle, number> = { cards: 72, table: 36 };
const HEAD_PX = 33;

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
  const [layout, setLayout] = useLayout(place.inbox);
  const table = style === "table";
  const { scroller, virtual, openAt, follow } = useRowsInSight({
    name,
    rows,
    rowPx: ROW_PX[style],
    headPx: table ? HEAD_PX : 0,
    more,
    openId: place.conversationId,
  });

  const common = (row: ConversationRow, index: number) => ({
    row,
    selected: index === openAt,
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
  const shown = virtual.getVirtualItems().flatMap((item) => {
    const row = rows[item.index];
    return row ? [{ item, row }] : [];
  });
  const pointing = {
    onPointerMove: selecting.point,
    onWheel: selecting.point,
    onPointerLeave: () => selecting.hover(null),
  };
  if (table)
    return (
      <div
        ref={scroller}
        className={`${classes.scroll} ${classes.wide} sb-scroll`}
        {...follow}
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
      {...follow}
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
