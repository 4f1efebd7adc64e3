import { IconArrowDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import classes from "./timeline.module.css";
import { type LastWords, useStayAtEnd } from "./useStayAtEnd";

export type { LastWords };

/** A pane that scrolls must be reachable by keyboard. */
const SCROLLS_BY_KEY = { tabIndex: 0 };

interface TimelinePaneProps {
  last: LastWords;
  /** Said where one has scrolled up and somebody says something: "New message". */
  news: string;
  /** The class of the column that holds what happened. */
  column: string | undefined;
  children: ReactNode;
}

/** What happened, oldest first; stays at the end while one reads there, and where one is when one reads above. */
export function TimelinePane({ last, news, column, children }: TimelinePaneProps): ReactNode {
  const { scroller, content, unseen, toEnd, onScroll } = useStayAtEnd(last);
  return (
    <div className={classes.area}>
      <section
        ref={scroller}
        className={`${classes.scroll} sb-scroll`}
        onScroll={onScroll}
        {...SCROLLS_BY_KEY}
        aria-label="Timeline"
      >
        <div ref={content} className={column}>
          {children}
        </div>
      </section>
      {unseen && (
        <button type="button" className={classes.pill} onClick={toEnd}>
          <IconArrowDown size={14} />
          {news}
        </button>
      )}
    </div>
  );
}

/** In its place when it could not be asked for. */
export function NoTimeline({ error, again }: { error: unknown; again: () => void }): ReactNode {
  return (
    <div className={classes.trouble} role="alert">
      <p>{sentenceOf(error)}</p>
      <TextButton onClick={again}>Try again</TextButton>
    </div>
  );
}

/** While it is asked for. */
export function Unread(): ReactNode {
  return (
    <Later>
      <div className={classes.skeletons} aria-hidden>
        <i style={{ width: "56%", height: 84 }} />
        <i style={{ width: "48%", height: 60, alignSelf: "flex-end" }} />
        <i style={{ width: "62%", height: 108 }} />
      </div>
    </Later>
  );
}
