import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { SearchItem } from "@/api/search";
import { useNames } from "@/data/directory";
import { inboxName } from "@/data/inboxes";
import { searchQuery } from "@/data/search";
import { viewsQuery } from "@/data/views";
import { useKeys } from "@/lib/keys";
import { type Place, usePlace } from "@/lib/place";
import { useEnter } from "@/lib/useEnter";
import { Later } from "@/ui/Later";
import { IconButton, TextButton } from "@/ui/Quiet";
import { Field } from "./Field";
import { Hits } from "./Hits";
import { HowTo, Nothing } from "./HowTo";
import { People } from "./People";
import { rememberSearch } from "./recent";
import classes from "./search.module.css";

const TYPING_MS = 160;
const SETTLED_MS = 500;

interface Props {
  openContact: (id: string) => void;
}

/** In place of the list: what is looked for, where, and what was found. All of it stands in the address. */
export default function Search({ openContact }: Props): ReactNode {
  const place = usePlace();
  const { text, setText, askNow } = useTyped(place);
  const asked = place.search.find ?? "";
  const inbox = place.search.here ? place.inbox : "all";
  const query = useInfiniteQuery({
    ...searchQuery({ text: asked, inbox }),
    enabled: asked.trim() !== "",
    placeholderData: (before) => before,
  });
  const pane = useRef<HTMLElement>(null);
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const open = (item: SearchItem): void => {
    rememberSearch(asked);
    place.open(item.head.id);
  };
  useHitKeys(items, place, open);
  const found = text === asked && !query.isPending && !query.isPlaceholderData;
  const enter = useEnter(text, found, () => {
    const [first] = items;
    if (!first) return;
    // Out of the field: the next key is for the conversation.
    const hits = pane.current?.querySelectorAll<HTMLElement>("[data-hit]") ?? [];
    [...hits].find((hit) => hit.dataset.hit === first.head.id)?.focus();
    open(first);
  });
  const shows = asked.trim() !== "" && !query.isError;
  const total = query.data?.pages[0]?.total ?? null;
  return (
    <section
      ref={pane}
      className={classes.pane}
      aria-label="Search"
      aria-busy={query.isFetching || undefined}
    >
      <header className={classes.head}>
        <Field
          text={text}
          setText={setText}
          openFirst={() => {
            askNow();
            enter.press();
          }}
          left={enter.forget}
          close={() => place.filter({ find: undefined, here: undefined })}
        />
        <IconButton
          label="Close search"
          keys="Esc"
          onClick={() => place.filter({ find: undefined, here: undefined })}
        >
          <IconX size={16} />
        </IconButton>
      </header>
      <Where place={place} />
      {asked.trim() === "" ? (
        <HowTo choose={setText} />
      ) : query.isError ? (
        <Unclear error={query.error} again={() => void query.refetch()} />
      ) : query.isPending ? (
        <Later>
          <Skeletons />
        </Later>
      ) : items.length === 0 && !query.isFetching ? (
        <Nothing
          text={asked}
          everywhere={place.search.here ? () => place.filter({ here: undefined }) : null}
          choose={setText}
        >
          <People text={asked} open={openContact} />
        </Nothing>
      ) : (
        <Hits
          items={items}
          selected={place.conversationId}
          open={open}
          more={
            query.hasNextPage && !query.isFetchingNextPage
              ? () => void query.fetchNextPage({ cancelRefetch: false })
              : null
          }
        >
          <People text={asked} open={openContact} />
        </Hits>
      )}
      <footer className={`${classes.foot} sb-number`} aria-live="polite">
        {shows && total !== null
          ? `${total.toLocaleString()} ${total === 1 ? "conversation" : "conversations"} · newest activity first`
          : ""}
      </footer>
    </section>
  );
}

/** What is typed goes into the address once the typing rests; back and forward bring it here. */
function useTyped(place: Place): { text: string; setText: (text: string) => void; askNow: () => void } {
  const asked = place.search.find ?? "";
  const [text, setText] = useState(asked);
  const sent = useRef({ text: asked, at: 0 });
  const { find } = place;
  useEffect(() => {
    // An address that comes late, of what was typed a moment ago, must not take back what was typed since.
    if (asked === sent.current.text || performance.now() - sent.current.at < SETTLED_MS) return;
    sent.current = { text: asked, at: 0 };
    setText(asked);
  }, [asked]);
  const askNow = useCallback(() => {
    if (text === sent.current.text) return;
    sent.current = { text, at: performance.now() };
    find(text);
  }, [text, find]);
  useEffect(() => {
    const timer = setTimeout(askNow, TYPING_MS);
    return () => clearTimeout(timer);
  }, [askNow]);
  return { text, setText, askNow };
}

/** j and k go through what was found, as through any list. */
function useHitKeys(items: readonly SearchItem[], place: Place, open: (item: SearchItem) => void): void {
  const at = items.findIndex((item) => item.head.id === place.conversationId);
  const go = (step: 1 | -1): void => {
    const item = items[Math.min(items.length - 1, Math.max(0, at + step))];
    if (item) open(item);
  };
  useKeys({ j: () => go(1), k: () => go(-1) });
}

/** This inbox, or all of them. */
function Where({ place }: { place: Place }): ReactNode {
  const names = useNames();
  const views = useQuery(viewsQuery).data?.items;
  if (place.inbox === "all") return <div className={classes.where} />;
  const here = place.search.here === true;
  const choose = (wanted: boolean): void => place.filter({ here: wanted || undefined });
  return (
    <fieldset className={classes.where} aria-label="Where to search">
      <button type="button" aria-pressed={!here} onClick={() => choose(false)}>
        All inboxes
      </button>
      <button type="button" aria-pressed={here} onClick={() => choose(true)}>
        <span className="sb-truncate">{inboxName(place.inbox, names, views)}</span>
      </button>
    </fieldset>
  );
}

/** What is not clear is said as a hint: most often it is only not finished. */
function Unclear({ error, again }: { error: unknown; again: () => void }): ReactNode {
  const told = error instanceof ApiError ? error.fields.map((field) => field.message) : [];
  if (error instanceof ApiError && error.code === "unclear_search")
    return (
      <div className={classes.unclear} role="status">
        {told.map((each) => (
          <p key={each}>{each}</p>
        ))}
      </div>
    );
  return (
    <div className={classes.unclear} role="alert">
      <p>{sentenceOf(error)}</p>
      <TextButton onClick={again}>Try again</TextButton>
    </div>
  );
}

function Skeletons(): ReactNode {
  return (
    <div className={classes.skeletons} aria-hidden>
      {[62, 48, 71, 55].map((width) => (
        <div key={width}>
          <span style={{ width: `${width}%` }} />
          <span style={{ width: `${width + 20}%` }} />
        </div>
      ))}
    </div>
  );
}
