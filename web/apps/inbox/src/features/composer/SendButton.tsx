import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Then } from "@/data/writing";
import { snoozePresets, untilLabel } from "@/lib/time";
import { Keys } from "@/ui/Quiet";
import classes from "./Composer.module.css";

interface SendButtonProps {
  busy: boolean;
  disabled: boolean;
  send: (then?: Then) => void;
}

/** Send, and beside it what may follow. */
export function SendButton({ busy, disabled, send }: SendButtonProps): ReactNode {
  const now = new Date();
  return (
    <span className={classes.split}>
      <Button loading={busy} disabled={disabled} onClick={() => send()} title="Send (Ctrl+Enter)">
        Send
      </Button>
      <Menu position="top-end" width={280}>
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
          <Menu.Item onClick={() => send({ kind: "close" })} rightSection={<Keys keys="Ctrl Shift Enter" />}>
            Send and close
          </Menu.Item>
          <Menu.Label>Send and snooze until</Menu.Label>
          {snoozePresets(now).map((preset) => (
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
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
