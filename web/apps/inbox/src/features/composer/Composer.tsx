import { type KeyboardEvent, type ReactNode, Suspense, useEffect, useRef } from "react";
import type { Head } from "@/api/types";
import { useMay, useMe } from "@/data/directory";
import { queue, unsentTo } from "@/data/undecided";
import { type ComposerMode, desk, nowOpen, write } from "@/lib/desk";
import { aboutConversation } from "@/lib/draft-place";
import { lazy } from "@/lib/lazy";
import { useStore } from "@/lib/store";
import { UnsentList } from "@/parts/unsent/UnsentList";
import classes from "./Composer.module.css";

const Box = lazy(() => import("./Box"));

const TABS: readonly { mode: ComposerMode; name: string }[] = [
  { mode: "reply", name: "Reply" },
  { mode: "note", name: "Note" },
];

/** Why this conversation takes no written reply; null when it does. */
export function noReplyReason(head: Head): string | null {
  if (head.channel === "phone") return "Calls can’t be answered in writing";
  if (head.spam) return "Spam isn’t answered; take the mark off first";
  return null;
}

/** Under the timeline: a reply to the customer, or a note for colleagues. */
export function Composer({ head }: { head: Head }): ReactNode {
  const wanted = useStore(desk, (state) => state.composer);
  const mayReply = useMay("conversations.reply");
  const me = useMe();
  const restored = useStore(desk, (state) => state.restored);
  const tabs = useRef<HTMLDivElement>(null);
  const refused = noReplyReason(head);
  useEffect(() => nowOpen(head.id), [head.id]);
  const mode: ComposerMode = refused ? "note" : wanted;
  if (!me) return <div className={classes.room} />;
  if (!mayReply) {
    return <p className={classes.readOnly}>You can read along here; answering takes another role.</p>;
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    desk.set({ composer: mode === "reply" ? "note" : "reply" });
    requestAnimationFrame(() => tabs.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  return (
    <div className={classes.room}>
      <Unsent id={head.id} />
      <div className={classes.composer} data-mode={mode}>
        <div
          ref={tabs}
          role="tablist"
          aria-label="What to write"
          className={classes.tabs}
          onKeyDown={onKeyDown}
        >
          {TABS.map((tab) => (
            <button
              key={tab.mode}
              type="button"
              role="tab"
              aria-selected={tab.mode === mode}
              tabIndex={tab.mode === mode ? 0 : -1}
              disabled={tab.mode === "reply" && refused !== null}
              title={tab.mode === "reply" ? (refused ?? "Reply (R)") : "Note (N)"}
              onClick={() => desk.set({ composer: tab.mode })}
            >
              {tab.name}
            </button>
          ))}
          {refused && <span className={`${classes.refused} sb-truncate`}>{refused}</span>}
        </div>
        <Suspense fallback={<div className={classes.waiting} />}>
          <Box key={`${head.id} ${mode} ${restored}`} head={head} mode={mode} />
        </Suspense>
      </div>
    </div>
  );
}

function Unsent({ id }: { id: string }): ReactNode {
  const waiting = useStore(queue, (state) => state.waiting);
  const restart = (): void => desk.set(({ restored }) => ({ restored: restored + 1 }));
  return (
    <UnsentList
      entries={unsentTo(waiting, aboutConversation(id))}
      edited={({ written }) => {
        write(written.mode === "note" ? "note" : "reply", id);
        restart();
      }}
      thrownAway={restart}
    />
  );
}
