import { IconBellCheck, IconChecks, IconSettings } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { Notice } from "@/api/notices";
import { noticesQuery, readNotices } from "@/data/notices";
import { askForDesktop, desktopPermission, grouped } from "@/lib/notices";
import { Later } from "@/ui/Later";
import { IconButton, TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import { Group } from "./Group";
import classes from "./notices.module.css";

interface PanelProps {
  unread: number;
  open: (notice: Notice) => void;
  settings: () => void;
}

/** What one was told, by conversation, the newest first. */
export function Panel({ unread, open, settings }: PanelProps): ReactNode {
  const client = useQueryClient();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useInfiniteQuery(noticesQuery);
  const notices = data?.pages.flatMap(({ items }) => items) ?? [];
  const until = unread > 0 ? notices[0]?.at : undefined;
  // A button that is gone after its click would take the focus, and with it Escape, along.
  const place = useRef<HTMLElement>(null);
  const keepFocus = (): void => place.current?.focus();
  const read = (which: Parameters<typeof readNotices>[1]): void => {
    keepFocus();
    readNotices(client, which).catch((refusal: unknown) =>
      toast(`Not marked as read. ${sentenceOf(refusal)}`, undefined, "error"),
    );
  };
  return (
    <section ref={place} tabIndex={-1} className={classes.panel} aria-label="Notices" onKeyDown={moveFocus}>
      <header>
        <h2>Notices</h2>
        <IconButton
          label="Mark all as read"
          // Disabled, it would drop the focus: it is where the focus begins, and all is read a moment later.
          aria-disabled={!until}
          onClick={() => until && read({ until })}
        >
          <IconChecks size={17} />
        </IconButton>
        <IconButton label="When and where you are told" onClick={settings}>
          <IconSettings size={17} />
        </IconButton>
      </header>
      <AskForDesktop asked={keepFocus} />
      <div className={`${classes.list} sb-scroll`}>
        {!data && !error && (
          <Later>
            <Skeletons />
          </Later>
        )}
        {error && (
          <div className={classes.nothing} role="alert">
            <p>{sentenceOf(error)}</p>
            <TextButton onClick={() => void refetch()}>Try again</TextButton>
          </div>
        )}
        {data && notices.length === 0 && <Nothing />}
        {grouped(notices).map((group) => (
          <Group key={group.key} notices={group.notices} open={open} read={(ids) => read({ ids })} />
        ))}
        {hasNextPage && (
          <div className={classes.more}>
            <TextButton disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
              Show older
            </TextButton>
          </div>
        )}
      </div>
    </section>
  );
}

function Nothing(): ReactNode {
  return (
    <div className={classes.nothing}>
      <IconBellCheck size={26} stroke={1.4} aria-hidden />
      <h3>Nothing new</h3>
      <p>When a colleague mentions you or gives you a conversation, or your customer answers, it is here.</p>
    </div>
  );
}

/** Only a click may ask the browser; who said no isn't asked again. */
function AskForDesktop({ asked }: { asked: () => void }): ReactNode {
  const [permission, setPermission] = useState(desktopPermission);
  if (permission !== "default") return null;
  return (
    <div className={classes.ask}>
      <span>See notices while you are in another window.</span>
      <TextButton
        onClick={() => {
          asked();
          void askForDesktop().then(setPermission);
        }}
      >
        Turn on
      </TextButton>
    </div>
  );
}

function Skeletons(): ReactNode {
  return (
    <div className={classes.skeletons} aria-hidden>
      {[62, 48, 71, 55].map((width) => (
        <div key={width}>
          <span style={{ width: `${width}%` }} />
          <span style={{ width: `${Math.min(96, width + 24)}%` }} />
        </div>
      ))}
    </div>
  );
}

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** The arrows, j and k go from notice to notice. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-notice]")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[at === -1 ? 0 : at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
