import { IconArrowLeft, IconEyeOff, IconPaperclip } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { sentenceOf } from "@/api/client";
import type { Address, Head, Message, TimelineEntry } from "@/api/types";
import { sideQuery } from "@/data/beside";
import { useMay } from "@/data/directory";
import { desk } from "@/lib/desk";
import { linkify } from "@/lib/linkify";
import { clockTime, fullTime } from "@/lib/time";
import { Later } from "@/ui/Later";
import { IconButton, TextButton } from "@/ui/Quiet";
import { SideWriting } from "./SideWriting";
import classes from "./sides.module.css";

const SCROLLS_BY_KEY = { tabIndex: 0 };

const list = (people: readonly Address[]): string =>
  people.map((each) => each.name || each.address).join(", ");

interface SidePaneProps {
  head: Head;
  /** Null: one that is to be begun. */
  sideId: string | null;
}

/** A side conversation in the place of the customer's; it never leaves a doubt about which of the two it is. */
export default function SidePane({ head, sideId }: SidePaneProps): ReactNode {
  const mayReply = useMay("conversations.reply");
  const side = head.sides.find((each) => each.id === sideId);
  const close = (): void => desk.set({ side: null });
  return (
    <section
      className={classes.pane}
      aria-label="Side conversation"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (!event.defaultPrevented) close();
        // It led out of the text; the next one leads out of here.
        else if (!event.currentTarget.contains(document.activeElement)) event.currentTarget.focus();
      }}
    >
      <header className={classes.top}>
        <IconButton label="Back to the customer" onClick={close} autoFocus>
          <IconArrowLeft size={17} />
        </IconButton>
        <span className={classes.about}>
          <b className="sb-truncate">
            <bdi>{side?.subject ?? "New side conversation"}</bdi>
          </b>
          <small className="sb-truncate">
            {side ? <bdi>{list([...side.to, ...side.cc])}</bdi> : "By email, from the brand’s mailbox"}
          </small>
        </span>
        <span className={classes.hidden}>
          <IconEyeOff size={14} aria-hidden /> Hidden from the customer
        </span>
      </header>
      {side ? (
        <Mails head={head} sideId={side.id} count={side.message_count} />
      ) : (
        <div className={classes.rest} />
      )}
      {mayReply && <SideWriting key={`${head.id} ${sideId ?? "new"}`} head={head} side={side ?? null} />}
    </section>
  );
}

function Mails({ head, sideId, count }: { head: Head; sideId: string; count: number }): ReactNode {
  const { data, error, isPending, refetch } = useQuery(sideQuery(head.id, sideId, count));
  const scroller = useRef<HTMLElement>(null);
  const shown = data?.items.length ?? 0;
  useEffect(() => {
    const element = scroller.current;
    if (element && shown > 0) element.scrollTop = element.scrollHeight;
  }, [shown]);
  return (
    <section ref={scroller} className={`${classes.mails} sb-scroll`} aria-label="Mails" {...SCROLLS_BY_KEY}>
      {isPending && (
        <Later>
          <div className={classes.skeleton} aria-hidden />
        </Later>
      )}
      {error && !data && (
        <p role="alert">
          {sentenceOf(error)} <TextButton onClick={() => void refetch()}>Try again</TextButton>
        </p>
      )}
      {data?.items.map((entry) => (
        <Mail key={entry.id} entry={entry} />
      ))}
    </section>
  );
}

function Mail({ entry }: { entry: TimelineEntry }): ReactNode {
  if (!("mail" in entry.data)) return null;
  const mail: Message = entry.data.mail;
  const name = mail.author.name || mail.sender?.name || mail.sender?.value || "Somebody";
  return (
    <article className={classes.mail} data-direction={mail.direction} aria-label={`Mail by ${name}`}>
      <header>
        <b>{name}</b>
        {mail.automatic && <span>automatic reply</span>}
        <time dateTime={entry.at} title={fullTime(entry.at)} className="sb-number">
          {clockTime(entry.at)}
        </time>
      </header>
      <small className="sb-truncate" title={list([...mail.to, ...mail.cc])}>
        to {list([...mail.to, ...mail.cc])}
      </small>
      <div dir="auto" className={classes.words}>
        {linkify(mail.text)}
      </div>
      {(mail.quoted_text || mail.signature_text) && (
        <details className={classes.quoted}>
          <summary aria-label="Show quoted text">…</summary>
          <div dir="auto">{[mail.signature_text, mail.quoted_text].filter(Boolean).join("\n\n")}</div>
        </details>
      )}
      {mail.attachments.map((file) => (
        <a key={file.id} href={file.url} className={classes.file} target="_blank" rel="noopener noreferrer">
          <IconPaperclip size={14} /> <bdi>{file.name}</bdi>
        </a>
      ))}
    </article>
  );
}
