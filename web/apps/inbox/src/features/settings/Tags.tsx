import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { call } from "@/api/client";
import type { TagChange } from "@/api/settings";
import { tagsQuery } from "@/data/inboxes";
import { keys } from "@/data/keys";
import { Line, Lines } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { ChangeTag } from "./ChangeTag";

const MOST_COUNTED = 1000;
const POLL_MS = 1000;

/** "12 conversations", "1,000 conversations or more". */
export function onHowMany(count: number): string {
  const said = `${count.toLocaleString()} conversation${count === 1 ? "" : "s"}`;
  return count >= MOST_COUNTED ? `${said} or more` : said;
}

/** "vip becomes loyal: 120 conversations so far". */
export function goingOn({ tag, to, changed }: TagChange): string {
  const what = to === null ? `${tag} is taken away` : `${tag} becomes ${to}`;
  return `${what}: ${changed.toLocaleString()} conversation${changed === 1 ? "" : "s"} so far`;
}

/** The tags in use, and how each is renamed, merged into another or taken away. */
export function Tags(): ReactNode {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<string | null>(null);
  const { data: tags } = useQuery(tagsQuery);
  const { data: changes } = useQuery({
    queryKey: keys.tagChanges,
    queryFn: ({ signal }) => call<TagChange[]>("/api/tickets/tags/changes", { signal }),
    refetchInterval: ({ state }) => (state.data?.some((one) => one.finished_at === null) ? POLL_MS : false),
  });
  const running = changes?.filter((one) => one.finished_at === null) ?? [];
  const done = changes?.find((one) => one.finished_at !== null)?.finished_at;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what ended is what makes the tags other ones
  useEffect(() => void client.invalidateQueries({ queryKey: keys.tags }), [client, done, running.length]);
  const busy = new Set(running.map((one) => one.tag));
  return (
    <>
      <h2 className={classes.group}>Tags in use</h2>
      {running.map((one) => (
        <p key={one.tag} role="status" className={classes.hint}>
          {goingOn(one)}
        </p>
      ))}
      {tags && tags.length > 0 ? (
        <Lines label="Tags in use">
          {tags.map(({ tag, count }) => (
            <Line
              key={tag}
              name={tag}
              quiet={busy.has(tag)}
              end={onHowMany(count)}
              open={() => setChosen(tag)}
            />
          ))}
        </Lines>
      ) : (
        tags && <p className={classes.nothing}>No conversation is tagged yet.</p>
      )}
      {chosen !== null && (
        <ChangeTag tag={chosen} others={tags?.map((one) => one.tag) ?? []} close={() => setChosen(null)} />
      )}
    </>
  );
}
