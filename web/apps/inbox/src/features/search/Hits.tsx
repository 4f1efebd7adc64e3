import {
  IconCategory,
  IconCheck,
  IconClock,
  IconLink,
  IconLock,
  IconMail,
  IconMessage,
  IconPaperclip,
  IconPhone,
  IconPlug,
} from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import type { SearchAbout, SearchHit, SearchItem } from "@/api/search";
import { useNames } from "@/data/directory";
import { personName } from "@/lib/person";
import { Ago } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import { Marked } from "./Marked";
import classes from "./search.module.css";

interface Props {
  items: readonly SearchItem[];
  selected: string | null;
  open: (item: SearchItem) => void;
  more: (() => void) | null;
  children: ReactNode;
}

/** What was found, newest activity first; ↑ and ↓ move, Enter opens. */
export function Hits({ items, selected, open, more, children }: Props): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    event.preventDefault();
    const rows = [...(list.current?.querySelectorAll<HTMLElement>("[data-hit]") ?? [])];
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
    const field = list.current?.closest("section")?.querySelector<HTMLInputElement>("input[type=search]");
    (next ?? (step < 0 ? field : null))?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows move between the buttons inside
    <div ref={list} className={`${classes.scroll} sb-scroll`} onKeyDown={onKey}>
      {children}
      <ul className={classes.hits}>
        {items.map((item) => (
          <li key={item.head.id}>
            <Hit item={item} selected={item.head.id === selected} open={open} />
          </li>
        ))}
      </ul>
      {more && <End key={items.length} reached={more} />}
    </div>
  );
}

/** Asks for the next page when it comes into sight. */
function End({ reached }: { reached: () => void }): ReactNode {
  const mark = useRef<HTMLDivElement>(null);
  const act = useRef(reached);
  act.current = reached;
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && act.current(), {
      rootMargin: "400px",
    });
    if (mark.current) seen.observe(mark.current);
    return () => seen.disconnect();
  }, []);
  return <div ref={mark} className={classes.end} />;
}

const CHANNELS: Record<string, ReactNode> = {
  email: <IconMail size={14} />,
  chat: <IconMessage size={14} />,
  phone: <IconPhone size={14} />,
  custom: <IconPlug size={14} />,
};

interface HitProps {
  item: SearchItem;
  selected: boolean;
  open: (item: SearchItem) => void;
}

function Hit({ item, selected, open }: HitProps): ReactNode {
  const { head, about, hits } = item;
  const names = useNames();
  const assignee = names.agent(head.assignee_id);
  const name = personName(head);
  return (
    <button
      type="button"
      data-hit={head.id}
      className={classes.hit}
      aria-current={selected || undefined}
      data-unread={item.unread || undefined}
      onClick={() => open(item)}
    >
      <span className={classes.line}>
        <BrandDot brand={names.brand(head.brand_id)} />
        <bdi className={`${classes.name} sb-truncate`}>
          <Marked text={name} marks={name === head.contact_name ? item.name_marks : []} />
        </bdi>
        <State status={head.status} />
        <Ago at={head.last_activity_at} className={`${classes.time} sb-number`} />
      </span>
      <span className={classes.line}>
        <span className={classes.icon}>{CHANNELS[head.channel]}</span>
        <span className={`${classes.subject} sb-truncate`}>
          {head.subject ? (
            <Marked text={head.subject} marks={item.subject_marks} />
          ) : (
            head.description || "No subject"
          )}
        </span>
        {assignee && (
          <span title={`Assigned to ${assignee.name}`} className={classes.assignee}>
            <Avatar name={assignee.name} size={18} accent />
          </span>
        )}
      </span>
      {about.map((one) => (
        <About key={`${one.kind} ${one.text}`} about={one} />
      ))}
      {hits.map((hit) => (
        <Line key={hit.seq} hit={hit} customer={name} />
      ))}
      {hits.length === 0 && about.length === 0 && (
        <span className={`${classes.words} sb-truncate`}>{head.preview}</span>
      )}
    </button>
  );
}

function State({ status }: { status: string }): ReactNode {
  if (status === "closed")
    return <IconCheck size={13} className={classes.state} role="img" aria-label="Closed" />;
  if (status === "snoozed")
    return <IconClock size={13} className={classes.state} role="img" aria-label="Snoozed" />;
  return null;
}

const ABOUT: Record<SearchAbout["kind"], { name: string; icon: ReactNode }> = {
  topic: { name: "Topic", icon: <IconCategory size={12} aria-hidden /> },
  link: { name: "Linked", icon: <IconLink size={12} aria-hidden /> },
  file: { name: "File", icon: <IconPaperclip size={12} aria-hidden /> },
  subject: { name: "Subject", icon: <IconMail size={12} aria-hidden /> },
};

/** What it was found by that nobody said in it. */
function About({ about: { kind, text, marks } }: { about: SearchAbout }): ReactNode {
  return (
    <span className={classes.words}>
      {ABOUT[kind].icon}
      <span className={classes.who}>{ABOUT[kind].name}: </span>
      <bdi>
        <Marked text={text} marks={marks} />
      </bdi>
    </span>
  );
}

/** One place in the conversation: who said it, and the words around what was found. */
function Line({ hit, customer }: { hit: SearchHit; customer: string }): ReactNode {
  const who = hit.kind === "note" ? `Note, ${hit.by}` : hit.kind === "call" ? "Call" : hit.by;
  return (
    <span className={classes.words} data-note={hit.kind === "note" || undefined}>
      {hit.kind === "note" && <IconLock size={12} aria-hidden />}
      {who && who !== customer && <span className={classes.who}>{who}: </span>}
      <bdi>
        <Marked text={hit.text} marks={hit.marks} />
      </bdi>
    </span>
  );
}
