import { Menu } from "@mantine/core";
import { type ReactNode, Suspense, useState } from "react";
import type { TicketHead } from "@/api/tickets";
import { lazy } from "@/lib/lazy";
import { MIXED_MENU } from "@/lib/menus";
import { dueState } from "@/lib/sla";
import { fullTime, momentLabel, untilLabel } from "@/lib/time";
import { FieldButton } from "@/parts/Field";
import { useNow } from "@/ui/Ago";
import classes from "./details.module.css";

const WhenChoices = lazy(() =>
  import("@/parts/WhenChoices").then((module) => ({ default: module.WhenChoices })),
);

interface DueFieldProps {
  ticket: TicketHead;
  disabled: boolean;
  set: (at: string | null) => void;
}

/** By when it is to be done; a click chooses another time. */
export function DueField({ ticket, disabled, set }: DueFieldProps): ReactNode {
  const [opened, setOpened] = useState(false);
  const choose = (at: Date | null): void => {
    setOpened(false);
    set(at?.toISOString() ?? null);
  };
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-start" width={310} attributes={MIXED_MENU}>
      <Menu.Target>
        <FieldButton label="Due" disabled={disabled}>
          <DueWords ticket={ticket} />
        </FieldButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Suspense fallback={<Menu.Label>Due</Menu.Label>}>
          {opened && (
            <WhenChoices title="Due" name="Due" act="Set" choose={choose}>
              {ticket.due_at && <Menu.Item onClick={() => choose(null)}>No due time</Menu.Item>}
            </WhenChoices>
          )}
        </Suspense>
      </Menu.Dropdown>
    </Menu>
  );
}

function DueWords({ ticket: { due_at, state } }: { ticket: TicketHead }): ReactNode {
  const now = useNow();
  if (!due_at) return <span className={classes.none}>No due time</span>;
  const late = state !== "resolved" && dueState(undefined, due_at, now) === "missed";
  return (
    <time dateTime={due_at} title={fullTime(due_at)} className="sb-number" data-late={late || undefined}>
      {late ? momentLabel(due_at, now) : untilLabel(due_at, now)}
    </time>
  );
}
