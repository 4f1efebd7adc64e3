// biome-ignore-all lint/a11y/useSemanticElements: rows lie where they are scrolled to and columns are dragged, which <tr> and <td> cannot
// biome-ignore-all lint/a11y/useFocusableInteractive: the buttons in the heads and rows take the focus
// biome-ignore-all lint/a11y/useKeyWithClickEvents: Enter on the row's button does the same
import { Menu } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns3 } from "@tabler/icons-react";
import { memo, type ReactNode, useState } from "react";
import type { ConversationRow, SortOrder } from "@/api/types";
import { useNames } from "@/data/directory";
import { keep, recall } from "@/lib/keep";
import { useNow } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import { IconButton } from "@/ui/Quiet";
import { COLUMNS, type Column, cellOf, type Layout, layoutOf, nextSort, switched, widened } from "./columns";
import classes from "./Table.module.css";
import { Tick } from "./Tick";
import { isUnheld, Unheld } from "./Unheld";

/** Columns and their widths, kept for this inbox or view. */
export function useLayout(inbox: string): [Layout, (layout: Layout) => void] {
  const read = (): Layout => layoutOf(recall<Layout>(`columns.${inbox}`) ?? recall<Layout>("columns"));
  const [kept, setKept] = useState({ inbox, layout: read() });
  const layout = kept.inbox === inbox ? kept.layout : read();
  const set = (wanted: Layout): void => {
    keep(`columns.${inbox}`, wanted);
    keep("columns", wanted);
    setKept({ inbox, layout: wanted });
  };
  return [layout, set];
}

const CHECK_PX = 34;
const widthOf = (layout: Layout, column: Column): number => layout.px[column.id] ?? column.px;
const shownOf = (layout: Layout): Column[] => COLUMNS.filter((column) => layout.shown.includes(column.id));

export const tableWidth = (layout: Layout): number =>
  CHECK_PX + shownOf(layout).reduce((sum, column) => sum + widthOf(layout, column), 0);

interface HeadProps {
  layout: Layout;
  setLayout: (layout: Layout) => void;
  sort: SortOrder;
  sortBy: (sort: SortOrder) => void;
}

/** The columns' names: a click sorts where the service can, the edge drags. */
export function TableHead({ layout, setLayout, sort, sortBy }: HeadProps): ReactNode {
  return (
    <div role="row" className={classes.head} style={{ width: tableWidth(layout) }}>
      <span role="columnheader" style={{ width: CHECK_PX }} className={classes.columns}>
        <ColumnsMenu layout={layout} setLayout={setLayout} />
      </span>
      {shownOf(layout).map((column) => (
        <ColumnHead
          key={column.id}
          column={column}
          px={widthOf(layout, column)}
          sort={sort}
          sortBy={sortBy}
          widen={(px) => setLayout(widened(layout, column.id, px))}
        />
      ))}
    </div>
  );
}

const STEP_PX = 16;
/** These come with the latest or highest first. */
const DOWN: ReadonlySet<SortOrder> = new Set(["newest", "started_last", "priority"]);

function ColumnHead({
  column,
  px,
  sort,
  sortBy,
  widen,
}: {
  column: Column;
  px: number;
  sort: SortOrder;
  sortBy: (sort: SortOrder) => void;
  widen: (px: number) => void;
}): ReactNode {
  const next = nextSort(column, sort);
  const sorted = column.sorts?.includes(sort) ?? false;
  const direction = DOWN.has(sort) ? "descending" : "ascending";
  return (
    <span role="columnheader" style={{ width: px }} aria-sort={sorted ? direction : undefined}>
      {next ? (
        <button type="button" className={classes.sort} onClick={() => sortBy(next)}>
          <span className="sb-truncate">{column.label}</span>
          {sorted && (DOWN.has(sort) ? <IconArrowDown size={12} /> : <IconArrowUp size={12} />)}
        </button>
      ) : (
        <span className="sb-truncate">{column.label}</span>
      )}
      <span
        role="separator"
        className={classes.edge}
        aria-orientation="vertical"
        aria-label={`Width of ${column.label}`}
        aria-valuenow={px}
        tabIndex={0}
        onPointerDown={(down) => {
          const handle = down.currentTarget;
          handle.setPointerCapture(down.pointerId);
          handle.onpointermove = (move) => widen(px + move.clientX - down.clientX);
          handle.onpointerup = () => {
            handle.onpointermove = null;
          };
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") widen(px - STEP_PX);
          if (event.key === "ArrowRight") widen(px + STEP_PX);
        }}
      />
    </span>
  );
}

function ColumnsMenu({ layout, setLayout }: Pick<HeadProps, "layout" | "setLayout">): ReactNode {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <IconButton label="Columns">
          <IconColumns3 size={15} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.map((column) => (
          <Menu.CheckboxItem
            key={column.id}
            checked={layout.shown.includes(column.id)}
            onChange={() => setLayout(switched(layout, column.id))}
          >
            {column.label}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

interface TableRowProps {
  row: ConversationRow;
  layout: Layout;
  selected: boolean;
  chosen: boolean;
  mayChoose: boolean;
  open: (id: string) => void;
  choose: (id: string, stretch: boolean) => void;
}

/** One conversation in 36 px. */
export const TableRow = memo(function TableRow(props: TableRowProps): ReactNode {
  const { row, layout, selected, chosen, mayChoose, open, choose } = props;
  const { head, unread } = row;
  const names = useNames();
  const now = useNow();
  return (
    <div
      role="row"
      className={classes.row}
      style={{ width: tableWidth(layout) }}
      data-row={head.id}
      data-unread={unread || undefined}
      data-selected={selected || undefined}
      data-chosen={chosen || undefined}
      onClick={(event) => (event.shiftKey && mayChoose ? choose(head.id, true) : open(head.id))}
    >
      <span role="cell" style={{ width: CHECK_PX }}>
        {mayChoose && (
          <Tick id={head.id} name={cellOf("user", head, names, now).text} chosen={chosen} choose={choose} />
        )}
      </span>
      {shownOf(layout).map((column, index) => {
        const { text, title } = cellOf(column.id, head, names, now);
        return (
          <span
            key={column.id}
            role="cell"
            style={{ width: widthOf(layout, column) }}
            data-column={column.id}
            title={title ?? text}
          >
            {column.id === "brand" && <BrandDot brand={names.brand(head.brand_id)} />}
            {column.id === "assignee" && text && <Avatar name={text} size={18} accent />}
            {column.id === "assignee" && isUnheld(head) && <Unheld head={head} words />}
            {index === 0 ? (
              <button type="button" className="sb-truncate" aria-current={selected || undefined}>
                {text}
              </button>
            ) : (
              <span className="sb-truncate">{text}</span>
            )}
          </span>
        );
      })}
    </div>
  );
});
