import { useDocumentVisibility } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import type { ViewerPerson } from "@/api/live";
import { type Names, useMe, useNames } from "@/data/directory";
import { sayViewing, viewersQuery } from "@/data/viewers";
import { typing } from "@/lib/typing";
import { Avatar } from "@/ui/Avatar";
import classes from "./Viewers.module.css";

const EVERY_MS = 15_000;
const TYPING_EVERY_MS = 4000;
const STOPPED_AFTER_MS = 5000;
/** Hurrying through a list, one looks at nothing. */
const AFTER_MS = 400;

/** Colleagues who look at the conversation too, and who of them is writing. */
export default function Viewers({ id }: { id: string }): ReactNode {
  const me = useMe()?.agent.agent_id;
  const names = useNames();
  const { data } = useQuery(viewersQuery(id));
  useSaying(id);
  const others = (data ?? []).filter((each) => each.agent_id !== me);
  if (others.length === 0) return null;
  const writes = others.some((each) => each.typing);
  return (
    <div className={classes.viewers} role="status" data-writes={writes || undefined}>
      {others.slice(0, 3).map(({ agent_id }) => (
        <Avatar key={agent_id} name={names.agentName(agent_id)} size={18} />
      ))}
      <span className="sb-truncate">{inWords(others, names)}</span>
    </div>
  );
}

/** "Leo Park is replying…", "Leo Park and Ann Lee are looking at this too". */
export function inWords(others: readonly ViewerPerson[], names: Pick<Names, "agentName">): string {
  const writing = others.filter((each) => each.typing);
  const whom = writing.length > 0 ? writing : others;
  const shown = whom.slice(0, 2).map(({ agent_id }) => names.agentName(agent_id));
  const rest = whom.length - shown.length;
  const who = rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(" and ");
  const are = whom.length === 1 ? "is" : "are";
  return writing.length > 0 ? `${who} ${are} replying…` : `${who} ${are} looking at this too`;
}

/** Tell the others that one is here while the window is looked at, and when one writes. */
function useSaying(id: string): void {
  const client = useQueryClient();
  const visible = useDocumentVisibility() === "visible";
  const said = useRef(0);
  useEffect(() => {
    if (!visible) return;
    let here = false;
    const say = (isTyping: boolean): void => {
      here = true;
      void sayViewing(client, id, { here: true, typing: isTyping });
    };
    const first = setTimeout(() => say(false), AFTER_MS);
    const again = setInterval(() => say(Date.now() - typing.get().at < TYPING_EVERY_MS), EVERY_MS);
    let stopped: ReturnType<typeof setTimeout>;
    const unfollow = typing.subscribe(() => {
      const now = Date.now();
      if (typing.get().conversationId !== id) return;
      clearTimeout(stopped);
      stopped = setTimeout(() => say(false), STOPPED_AFTER_MS);
      if (now - said.current < TYPING_EVERY_MS) return;
      said.current = now;
      say(true);
    });
    return () => {
      clearTimeout(first);
      clearTimeout(stopped);
      clearInterval(again);
      unfollow();
      if (here) void sayViewing(client, id, { here: false, typing: false });
    };
  }, [client, id, visible]);
}
