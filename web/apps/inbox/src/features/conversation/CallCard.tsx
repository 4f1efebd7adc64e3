import {
  IconMicrophone,
  IconPhoneIncoming,
  IconPhoneOff,
  IconPhoneOutgoing,
  IconPlayerPlay,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Call } from "@/api/calls";
import { callName } from "@/lib/calls";
import { clockTime, durationLabel, fullTimes } from "@/lib/time";
import classes from "./Timeline.module.css";

/** How the call went, in a few words. */
export function outcomeOf(call: Call): string {
  if (call.state !== "ended") return call.state === "answered" ? "In progress" : "Ringing…";
  if (call.answered_at) return call.agent_name ? `Answered by ${call.agent_name}` : "Answered";
  if (call.voicemail_url) return "Left a voicemail";
  if (call.direction === "outbound") return "No answer";
  return call.missed_reason ? `Missed: ${call.missed_reason.replaceAll("_", " ")}` : "Missed";
}

const isWebLink = (url: string): boolean => /^https:\/\//i.test(url);

/** A phone call: direction, duration, outcome, its recording and what was noted. */
export function CallCard({ call, at, zone }: { call: Call; at: string; zone: string }): ReactNode {
  const missed = call.state === "ended" && !call.answered_at;
  const inbound = call.direction === "inbound";
  const icon = missed ? (
    <IconPhoneOff size={18} />
  ) : inbound ? (
    <IconPhoneIncoming size={18} />
  ) : (
    <IconPhoneOutgoing size={18} />
  );
  return (
    <article className={classes.call} aria-label="Phone call" data-missed={missed || undefined}>
      <span className={classes.callIcon}>{icon}</span>
      <div className={classes.callBody}>
        <header>
          <b>{callName(call)}</b>
          <time dateTime={at} title={fullTimes(at, zone)} className="sb-number">
            {clockTime(call.started_at ?? at)}
          </time>
        </header>
        <p>
          {outcomeOf(call)}
          {call.duration_s ? <span className="sb-number"> · {durationLabel(call.duration_s)}</span> : null}
          {call.line && <span className={classes.callLine}> · {call.line_name || call.line}</span>}
        </p>
        {isWebLink(call.recording_url) && <Recording url={call.recording_url} name="Recording" />}
        {isWebLink(call.voicemail_url) && <Recording url={call.voicemail_url} name="Voicemail" />}
        {call.comments.map((comment) => (
          <blockquote key={comment}>{comment}</blockquote>
        ))}
      </div>
    </article>
  );
}

/** The phone system keeps it and its links expire, so the link stands beside the player. */
function Recording({ url, name }: { url: string; name: string }): ReactNode {
  return (
    <div className={classes.recording}>
      {name === "Voicemail" ? <IconMicrophone size={15} /> : <IconPlayerPlay size={15} />}
      {/* biome-ignore lint/a11y/useMediaCaption: a phone recording has no captions */}
      <audio controls preload="none" src={url} aria-label={name} />
      <a href={url} target="_blank" rel="noopener noreferrer">
        {name}
      </a>
    </div>
  );
}
