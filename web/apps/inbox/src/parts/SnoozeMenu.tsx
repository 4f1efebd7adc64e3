import type { ReactNode } from "react";
import { snoozeTitle } from "@/lib/snooze";
import { WhenChoices } from "./WhenChoices";

interface SnoozeProps {
  /** The time zone of the brand, where mornings are; the reader's own without it. */
  zone?: string | undefined;
  choose: (until: Date) => void;
  /** Items beside the presets. */
  children?: ReactNode;
}

/** The choices of a snooze, inside a MIXED_MENU. */
export function SnoozeChoices({ zone, choose, children }: SnoozeProps): ReactNode {
  return (
    <WhenChoices
      title={snoozeTitle("Snooze until", zone, new Date())}
      name="Snooze until"
      act="Snooze"
      zone={zone}
      choose={choose}
    >
      {children}
    </WhenChoices>
  );
}
