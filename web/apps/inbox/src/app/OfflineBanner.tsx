import { type ReactNode, useEffect, useState } from "react";
import { useStore } from "@/lib/store";
import { liveStore } from "@/live/useLive";
import classes from "./OfflineBanner.module.css";

/** A blink of the network isn't worth a word. */
const PATIENCE_MS = 2500;

/** Says that news doesn't come at the moment, and goes by itself. */
export function OfflineBanner(): ReactNode {
  const since = useStore(liveStore, (live) => live.since);
  const [due, setDue] = useState(false);
  useEffect(() => {
    setDue(false);
    if (since === 0) return;
    const timer = setTimeout(() => setDue(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [since]);
  if (!due) return null;
  return (
    <div role="status" className={classes.banner}>
      Offline: new messages don’t show at the moment. Trying again by itself; your drafts are kept.
    </div>
  );
}
