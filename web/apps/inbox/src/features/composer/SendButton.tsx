import { Button, Menu, SegmentedControl } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { preferencesQuery, putPreferences, UNDO_SECONDS } from "@/data/drafts";
import type { Then } from "@/data/writing";
import { MIXED_MENU } from "@/lib/menus";
import { snoozePresets, snoozeTitle } from "@/lib/snooze";
import { untilLabel } from "@/lib/time";
import { Keys } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./Composer.module.css";

interface SendButtonProps {
  /** The brand's time zone. */
  zone: string | undefined;
  busy: boolean;
  disabled: boolean;
  send: (then?: Then) => void;
}

/** Send, and beside it what may follow. */
export function SendButton({ zone, busy, disabled, send }: SendButtonProps): ReactNode {
  const now = new Date();
  return (
    <span className={classes.split}>
      <Button loading={busy} disabled={disabled} onClick={() => send()} title="Send (Ctrl+Enter)">
        Send
      </Button>
      <Menu position="top-end" width={280} attributes={MIXED_MENU}>
        <Menu.Target>
          <Button
            className={classes.splitEnd ?? ""}
            disabled={disabled || busy}
            aria-label="More ways to send"
          >
            <IconChevronDown size={14} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <div role="menu" aria-label="Ways to send">
            <Menu.Item
              onClick={() => send({ kind: "close" })}
              rightSection={<Keys keys="Ctrl Shift Enter" />}
            >
              Send and close
            </Menu.Item>
            <Menu.Label>{snoozeTitle("Send and snooze until", zone, now)}</Menu.Label>
            {snoozePresets(now, zone).map((preset) => (
              <Menu.Item
                key={preset.label}
                onClick={() => send({ kind: "snooze", until: preset.until.toISOString() })}
                rightSection={
                  <span className={classes.side}>{untilLabel(preset.until.toISOString(), now)}</span>
                }
              >
                {preset.label}
              </Menu.Item>
            ))}
          </div>
          <Menu.Divider />
          <UndoSeconds />
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}

/** For how long a reply can be taken back; the agent's own, on every device. */
function UndoSeconds(): ReactNode {
  const client = useQueryClient();
  const { data } = useQuery(preferencesQuery);
  const choose = (seconds: string): void => {
    putPreferences(client, { undo_send_s: Number(seconds) }).catch((error: unknown) =>
      toast(`Not changed. ${sentenceOf(error)}`, undefined, "error"),
    );
  };
  return (
    <div className={classes.undo}>
      <span className={classes.side}>Undo send</span>
      <SegmentedControl
        aria-label="For how long a reply can be taken back"
        disabled={!data}
        value={String(data?.undo_send_s ?? 5)}
        onChange={choose}
        data={UNDO_SECONDS.map((seconds) => ({
          value: String(seconds),
          label: seconds ? `${seconds} s` : "Off",
        }))}
      />
    </div>
  );
}
