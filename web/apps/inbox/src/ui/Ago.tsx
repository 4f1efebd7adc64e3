import { type ReactNode, useEffect, useState } from "react";
import { fullTime, shortAgo } from "@/lib/time";

const EVERY_MS = 30_000;
const followers = new Set<() => void>();
setInterval(() => {
  for (const each of followers) each();
}, EVERY_MS);

function follow(listener: () => void): () => void {
  followers.add(listener);
  return () => {
    followers.delete(listener);
  };
}

/** The time now, moving on every half minute; one timer for the page. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => follow(() => setNow(new Date())), []);
  return now;
}

/** How long ago, the exact time on hover. */
export function Ago({ at, className }: { at: string; className?: string | undefined }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={at} title={fullTime(at)} className={className}>
      {shortAgo(at, now)}
    </time>
  );
}
