import { IconMail, IconMessage, IconPhone, IconPlug } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { OfChannel } from "@/api/dashboard";
import type { Channel } from "@/api/types";
import own from "./tables.module.css";
import { loadWords } from "./words";

const SIGNS: Record<Channel, ReactNode> = {
  email: <IconMail size={13} />,
  chat: <IconMessage size={13} />,
  phone: <IconPhone size={13} />,
  custom: <IconPlug size={13} />,
};

interface LoadProps {
  load: number;
  /** 0: nothing is assigned to them by itself. */
  capacity: number;
  channels: readonly OfChannel[];
}

/** How much of what can be assigned to them by itself they have, in all and of each channel. */
export function Load({ load, capacity, channels }: LoadProps): ReactNode {
  const words = `${load.toLocaleString()} of ${capacity.toLocaleString()}`;
  return (
    <>
      {capacity > 0 && (
        <span className={own.load} title={words}>
          <meter aria-label={`Load: ${words}`} min={0} max={capacity} value={Math.min(load, capacity)} />
          <small>{words}</small>
        </span>
      )}
      {channels.length > 0 && (
        <ul className={own.channels} aria-label="Load by channel">
          {channels.map((each) => {
            const { short, long, full } = loadWords(each);
            return (
              <li key={each.channel} title={long} data-full={full || undefined}>
                {SIGNS[each.channel]}
                <span aria-hidden>{short}</span>
                <span className="sb-sr">{long}</span>
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
