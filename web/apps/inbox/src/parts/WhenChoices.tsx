import { Button, Menu } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import { type ReactNode, useState } from "react";
import { snoozePresets } from "@/lib/snooze";
import { untilLabel } from "@/lib/time";
import classes from "./parts.module.css";
import "@mantine/dates/styles.css";

interface WhenProps {
  title: string;
  name: string;
  /** The button of a time of one's own. */
  act: string;
  zone?: string | undefined;
  choose: (at: Date) => void;
  /** Items beside the presets. */
  children?: ReactNode;
}

/** A time to come, inside a MIXED_MENU: presets that say when exactly, and any other time. */
export function WhenChoices({ title, name, act, zone, choose, children }: WhenProps): ReactNode {
  const now = new Date();
  const [own, setOwn] = useState<string | null>(null);
  const picked = own ? new Date(own.replace(" ", "T")) : null;
  const past = picked !== null && picked <= now;
  return (
    <>
      <Menu.Label>{title}</Menu.Label>
      <div role="menu" aria-label={name}>
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
          {act}
        </Button>
      </div>
    </>
  );
}
