import { Button, Menu } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import { type ReactNode, useState } from "react";
import { snoozePresets, snoozeTitle } from "@/lib/snooze";
import { untilLabel } from "@/lib/time";
import classes from "./parts.module.css";
import "@mantine/dates/styles.css";

interface SnoozeProps {
  /** The time zone of the brand, where mornings are; the reader's own without it. */
  zone?: string | undefined;
  choose: (until: Date) => void;
  /** Items beside the presets. */
  children?: ReactNode;
}

/** The choices of a snooze, inside a MIXED_MENU: presets that say when exactly, and any other time. */
export function SnoozeChoices({ zone, choose, children }: SnoozeProps): ReactNode {
  const now = new Date();
  const [own, setOwn] = useState<string | null>(null);
  const picked = own ? new Date(own.replace(" ", "T")) : null;
  const past = picked !== null && picked <= now;
  return (
    <>
      <Menu.Label>{snoozeTitle("Snooze until", zone, now)}</Menu.Label>
      <div role="menu" aria-label="Snooze until">
        {snoozePresets(now, zone).map((preset) => (
          <Menu.Item
            key={preset.label}
            onClick={() => choose(preset.until)}
            rightSection={
              <span className={`${classes.side} sb-number`}>
                {untilLabel(preset.until.toISOString(), now)}
              </span>
            }
          >
            {preset.label}
          </Menu.Item>
        ))}
        {children}
      </div>
      <Menu.Divider />
      <div className={classes.own}>
        <DateTimePicker
          aria-label="Another time"
          placeholder="Another time…"
          size="xs"
          value={own}
          onChange={setOwn}
          minDate={now}
          popoverProps={{ withinPortal: false }}
          error={past ? "That time has passed." : undefined}
        />
        <Button disabled={!picked || past} onClick={() => picked && choose(picked)}>
          Snooze
        </Button>
      </div>
    </>
  );
}
