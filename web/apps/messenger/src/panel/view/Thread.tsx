import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Language } from "../i18n";
import type { Messenger } from "../messenger";
import { newDay } from "../model/timeline";
import type { State } from "../state";
import { EmailCard } from "./EmailCard";
import { DownIcon } from "./icons";
import { Bubble, type Shown } from "./Message";

interface Props {
  messenger: Messenger;
  state: State;
  language: Language;
}

const JOIN_MS = 5 * 60_000;

/** Everything to show, oldest first: what the timeline has, then what is still on its way. */
function shown(state: State): Shown[] {
  const there = state.entries.map(
    (entry): Shown => ({ ...entry, id: entry.entry_id, own: entry.direction === "in" }),
  );
  const going = state.outbox.map(
    (item): Shown => ({
      id: item.entry_id ?? item.client_id,
      own: true,
      author_name: "",
      text: item.text,
      html: null,
      attachments: item.attachments,
      at: item.written_at,
      item,
    }),
  );
  return [...there, ...going];
}

/** Messages of one person within five minutes read as one. */
function joins(a: Shown | undefined, b: Shown | undefined): boolean {
  if (!a || !b || a.own !== b.own || a.author_name !== b.author_name) return false;
  return Math.abs(Date.parse(b.at) - Date.parse(a.at)) < JOIN_MS && !newDay(a.at, b.at);
}

export function dayOf(at: string, language: string, now: Date): string {
  const start = (date: Date): number =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((start(new Date(at)) - start(now)) / 86_400_000);
  if (days > -2) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
  const style: Intl.DateTimeFormatOptions =
    days > -7
      ? { weekday: "long" }
      : { day: "numeric", month: "long", year: days < -300 ? "numeric" : undefined };
  return new Intl.DateTimeFormat(language, style).format(new Date(at));
}

export function Thread({ messenger, state, language }: Props) {
  const { t } = language;
  const all = shown(state);
  const lastOwn = all.findLast((each) => each.own)?.id;
  const { scroller, below, toEnd } = useStickToEnd(all.at(-1));
  const asksEmail =
    all.some((each) => each.own && !each.item?.reason) &&
    state.phase === "ready" &&
    !state.emailAsked &&
    !state.closed;
  return (
    <div class="thread">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <div class="scroller" ref={scroller} role="log" aria-live="polite" aria-label={t("log")} tabIndex={0}>
        {state.brand && (
          <Greeting brand={state.brand.name} text={state.brand.messenger.greeting} language={language} />
        )}
        {!state.brand && state.phase === "connecting" && <Skeleton />}
        {all.map((each, index) => (
          <div key={each.id} class="row">
            {newDay(all[index - 1]?.at ?? null, each.at) && (
              <p class="day">{dayOf(each.at, language.code, new Date())}</p>
            )}
            <Bubble
              shown={each}
              first={!joins(all[index - 1], each)}
              last={!joins(each, all[index + 1])}
              latestOwn={each.id === lastOwn}
              messenger={messenger}
              language={language}
            />
          </div>
        ))}
        {state.closed && <p class="event">{t("closed")}</p>}
        {asksEmail && <EmailCard messenger={messenger} language={language} />}
      </div>
      {below && (
        <button type="button" class="pill" onClick={toEnd}>
          <DownIcon />
          {t("newMessages")}
        </button>
      )}
    </div>
  );
}

function Greeting({ brand, text, language }: { brand: string; text: string; language: Language }) {
  return (
    <div class="message them first last">
      <span class="author" dir="auto">
        {language.t("team", { brand })}
      </span>
      <div class="bubble" dir="auto">
        {text}
      </div>
    </div>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      <i />
      <i />
    </div>
  );
}

/** Keeps the newest message in view, unless the reader has scrolled up: then a pill, never a jump. */
function useStickToEnd(last: Shown | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);
  const toEnd = useCallback((): void => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    setBelow(false);
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const moved = (): void => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 48;
      if (atEnd.current) setBelow(false);
    };
    const resized = new ResizeObserver(() => atEnd.current && toEnd());
    resized.observe(element);
    element.addEventListener("scroll", moved, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", moved);
    };
  }, [toEnd]);
  const id = last?.id;
  const own = last?.item !== undefined;
  useLayoutEffect(() => {
    if (!id) return;
    if (own || atEnd.current) toEnd();
    else setBelow(true);
  }, [id, own, toEnd]);
  useLayoutEffect(() => {
    // Cards and notes under the last message are part of the end.
    if (atEnd.current) toEnd();
  });
  return { scroller, below, toEnd };
}
