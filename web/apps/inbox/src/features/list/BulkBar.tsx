import { Menu, Popover } from "@mantine/core";
import {
  IconBan,
  IconCheck,
  IconClock,
  IconDots,
  IconFlag3,
  IconRotate,
  IconTag,
  IconUserPlus,
  IconX,
} from "@tabler/icons-react";
import { type ReactNode, Suspense, useState } from "react";
import type { BulkAction } from "@/api/lists";
import type { ConversationRow } from "@/api/types";
import { chosenOf, useBulk } from "@/data/bulk";
import type { ListFilter } from "@/data/membership";
import { useKeys } from "@/lib/keys";
import { lazy } from "@/lib/lazy";
import { MIXED_MENU } from "@/lib/menus";
import { howMany, MOST_AT_ONCE } from "@/lib/selection";
import { SnoozeChoices } from "@/parts/SnoozeMenu";
import { IconButton, TextButton } from "@/ui/Quiet";
import classes from "./BulkBar.module.css";
import type { Selecting } from "./useSelection";

const Assign = lazy(() => import("@/parts/AssignTo"));
const Tags = lazy(() => import("./BulkTags"));

interface BulkBarProps {
  filter: ListFilter;
  selecting: Selecting;
  rows: readonly ConversationRow[];
  /** Of the list; counting stops at 1,000. */
  total: number | null;
}

/** The service counts no further. */
const COUNTED = 1000;

/** "12 chosen", "All 340 chosen", "All but 2 chosen": what the buttons beside it act on. */
export function chosenWords(all: boolean, without: number, count: number | null): string {
  if (!all) return `${(count ?? 0).toLocaleString()} chosen`;
  const isExact = count !== null && count + without < COUNTED;
  if (isExact) return without ? `${count.toLocaleString()} chosen` : `All ${count.toLocaleString()} chosen`;
  return without ? `All but ${without.toLocaleString()} chosen` : "All chosen";
}

/** What is done so mostly leaves the list; after the others more may be done to the same ones. */
const LEAVES: ReadonlySet<BulkAction["kind"]> = new Set(["close", "reopen", "snooze", "wake", "spam"]);

type Open = "assign" | "tags" | "snooze" | null;

/** What can be done to everything that is chosen; takes the place of the filters. */
export default function BulkBar({ filter, selecting, rows, total }: BulkBarProps): ReactNode {
  const bulk = useBulk();
  const [open, setOpen] = useState<Open>(null);
  const { now } = selecting;
  const count = howMany(now, total);
  const loaded = rows.map((row) => row.head.id);
  const act = (action: BulkAction): void => {
    setOpen(null);
    // At once: what is chosen until the answer comes is for the next act, and a second key is not for these any more.
    const leaves = LEAVES.has(action.kind);
    if (leaves) selecting.nothing();
    void bulk.begin(action, chosenOf(now, filter), loaded).then((begun) => {
      if (leaves && !begun) selecting.putBack(now);
    });
  };
  const isClosed = filter.status === "closed";
  const toggle = isClosed ? ({ kind: "reopen" } as const) : ({ kind: "close" } as const);
  const show = (what: Open) => (shown: boolean) => setOpen(shown ? what : null);
  useKeys({
    e: () => act(toggle),
    a: () => setOpen("assign"),
    t: () => setOpen("tags"),
    l: () => setOpen("tags"),
    s: () => setOpen("snooze"),
    p: () => act({ kind: "priority", priority: true }),
    "#": () => act({ kind: "spam", spam: filter.inbox !== "spam" }),
  });
  return (
    <div className={classes.bar} role="toolbar" aria-label="What to do with those chosen">
      <IconButton label="Choose nothing" keys="Esc" onClick={selecting.nothing}>
        <IconX size={15} />
      </IconButton>
      <output className="sb-number" aria-live="polite">
        {chosenWords(now.all, now.ids.size, count)}
      </output>
      {!now.all && rows.length > 0 && (
        <TextButton onClick={selecting.all} title={`At most ${MOST_AT_ONCE.toLocaleString()} at once`}>
          All
        </TextButton>
      )}
      <span className={classes.acts}>
        <IconButton label={isClosed ? "Reopen" : "Close"} keys="e" onClick={() => act(toggle)}>
          {isClosed ? <IconRotate size={16} /> : <IconCheck size={16} />}
        </IconButton>
        <Popover
          opened={open === "assign"}
          onChange={show("assign")}
          position="bottom-end"
          width={230}
          trapFocus
        >
          <Popover.Target>
            <IconButton
              label="Assign"
              keys="a"
              aria-expanded={open === "assign"}
              onClick={() => show("assign")(true)}
            >
              <IconUserPlus size={16} />
            </IconButton>
          </Popover.Target>
          <Popover.Dropdown aria-label="Assign those chosen">
            <Suspense>
              <Assign act={act} />
            </Suspense>
          </Popover.Dropdown>
        </Popover>
        <Popover opened={open === "tags"} onChange={show("tags")} position="bottom-end" width={250} trapFocus>
          <Popover.Target>
            <IconButton
              label="Tag"
              keys="t"
              aria-expanded={open === "tags"}
              onClick={() => show("tags")(true)}
            >
              <IconTag size={16} />
            </IconButton>
          </Popover.Target>
          <Popover.Dropdown aria-label="Tag those chosen">
            <Suspense>
              <Tags act={act} />
            </Suspense>
          </Popover.Dropdown>
        </Popover>
        <Menu
          opened={open === "snooze"}
          onChange={show("snooze")}
          position="bottom-end"
          attributes={MIXED_MENU}
        >
          <Menu.Target>
            <IconButton label="Snooze" keys="s">
              <IconClock size={16} />
            </IconButton>
          </Menu.Target>
          <Menu.Dropdown>
            <SnoozeChoices choose={(until) => act({ kind: "snooze", until: until.toISOString() })} />
          </Menu.Dropdown>
        </Menu>
        <More act={act} filter={filter} />
      </span>
    </div>
  );
}

function More({ act, filter }: { act: (action: BulkAction) => void; filter: ListFilter }): ReactNode {
  const spam = filter.inbox === "spam";
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <IconButton label="More">
          <IconDots size={16} />
        </IconButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconFlag3 size={15} />}
          onClick={() => act({ kind: "priority", priority: true })}
        >
          Mark as priority
        </Menu.Item>
        <Menu.Item onClick={() => act({ kind: "priority", priority: false })}>Take priority off</Menu.Item>
        {filter.status !== "closed" && <Menu.Item onClick={() => act({ kind: "reopen" })}>Reopen</Menu.Item>}
        {filter.status !== "open" && <Menu.Item onClick={() => act({ kind: "wake" })}>Wake</Menu.Item>}
        <Menu.Divider />
        <Menu.Item leftSection={<IconBan size={15} />} onClick={() => act({ kind: "spam", spam: !spam })}>
          {spam ? "Not spam" : "Mark as spam"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
