import {
  IconArrowBackUp,
  IconAt,
  IconBellRinging,
  IconCheck,
  IconPhoneX,
  IconTicket,
  IconUserCheck,
  IconUsers,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Notice, NoticeKind } from "@/api/notices";
import { noticeWords } from "@/lib/notices";
import { Ago } from "@/ui/Ago";
import { IconButton } from "@/ui/Quiet";
import classes from "./notices.module.css";

const ICONS: Record<NoticeKind, ReactNode> = {
  mention: <IconAt size={15} />,
  team_mention: <IconUsers size={15} />,
  assigned: <IconUserCheck size={15} />,
  reply: <IconArrowBackUp size={15} />,
  ticket: <IconTicket size={15} />,
  call_missed: <IconPhoneX size={15} />,
  alert: <IconBellRinging size={15} />,
};

interface GroupProps {
  notices: readonly Notice[];
  open: (notice: Notice) => void;
  read: (ids: string[]) => void;
}

/** One conversation or ticket with what one was told of it. */
export function Group({ notices, open, read }: GroupProps): ReactNode {
  const [newest] = notices;
  if (!newest) return null;
  const unread = notices.filter(({ read_at }) => !read_at).map(({ id }) => id);
  const about = newest.title || newest.contact_name || "A conversation";
  return (
    <article className={classes.group} aria-label={about}>
      <header>
        <h3 className="sb-truncate" dir="auto">
          {about}
        </h3>
        {newest.title && newest.contact_name && (
          <span className="sb-truncate" dir="auto">
            {newest.contact_name}
          </span>
        )}
        {unread.length > 0 && (
          <IconButton label={`Mark as read: ${about}`} onClick={() => read(unread)}>
            <IconCheck size={15} />
          </IconButton>
        )}
      </header>
      {notices.map((notice) => (
        <button
          key={notice.id}
          type="button"
          data-notice
          data-unread={!notice.read_at || undefined}
          className={classes.notice}
          onClick={() => open(notice)}
        >
          <span className={classes.icon} aria-hidden>
            {ICONS[notice.kind]}
          </span>
          <span className={classes.words}>
            <span className={classes.what}>
              <b dir="auto">{noticeWords(notice)}</b>
              {!notice.read_at && <i className={classes.dot} title="Unread" aria-hidden />}
              {!notice.read_at && <span className="sb-sr">, unread</span>}
              <Ago at={notice.at} className={classes.at} />
            </span>
            {notice.excerpt && (
              <span className={classes.excerpt} dir="auto">
                {notice.excerpt}
              </span>
            )}
          </span>
        </button>
      ))}
    </article>
  );
}
