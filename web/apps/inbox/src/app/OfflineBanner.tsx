import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { onSession } from "@/api/client";
import { drain, queueChanged } from "@/data/queue";
import { queue, refreshQueue } from "@/data/undecided";
import { version } from "@/lib/lazy";
import { useStore } from "@/lib/store";
import { isStuck } from "@/lib/waiting";
import { liveStore } from "@/live/useLive";
import classes from "./OfflineBanner.module.css";

/** A blink of the network isn't worth a word. */
const PATIENCE_MS = 2500;

/** Says that news doesn't come at the moment and what waits to be sent; goes by itself, as what waits does. */
export function OfflineBanner(): ReactNode {
  const since = useStore(liveStore, (live) => live.since);
  const waiting = useStore(queue, (state) => state.waiting.filter((entry) => !isStuck(entry)).length);
  const [due, setDue] = useState(false);
  useDraining(since === 0);
  useEffect(() => {
    setDue(false);
    if (since === 0) return;
    const timer = setTimeout(() => setDue(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [since]);
  const gone = useStore(version, (state) => state.gone);
  if (gone)
    return (
      <div role="alert" className={classes.banner}>
        Switchboard was updated, and this page is of the version before. Your drafts are kept.{" "}
        <button type="button" onClick={() => window.location.reload()}>
          Load the new one
        </button>
      </div>
    );
  if (!due && waiting === 0) return null;
  const what = waiting === 1 ? "One change waits" : `${waiting} changes wait`;
  return (
    <div role="status" className={classes.banner}>
      {due ? "Offline: new messages don’t show at the moment. " : ""}
      {waiting > 0
        ? `${what} here and will be sent by ${waiting === 1 ? "itself" : "themselves"}.`
        : "Trying again by itself; your drafts are kept."}
    </div>
  );
}

/** Whenever the way may be free again, what waits is sent. */
function useDraining(isLive: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    const go = (): void => void drain(client);
    if (isLive) go();
    const unfollow = onSession((session) => session && go());
    window.addEventListener("online", go);
    const onStorage = (): void => queueChanged(client);
    window.addEventListener("storage", onStorage);
    refreshQueue();
    return () => {
      unfollow();
      window.removeEventListener("online", go);
      window.removeEventListener("storage", onStorage);
    };
  }, [client, isLive]);
}
