import { useQuery } from "@tanstack/react-query";
import { type ReactNode, Suspense, useMemo, useRef, useState } from "react";
import { arranged } from "@/data/arrange";
import { arrangementQuery } from "@/data/arrangement";
import { lazy } from "@/lib/lazy";
import { TextButton } from "@/ui/Quiet";
import classes from "./Apps.module.css";

const EditApps = lazy(() => import("./EditApps"));

/** One card beside a conversation. `content` null: it has nothing to show for this conversation. */
export interface PanelApp {
  id: string;
  name: string;
  content: ReactNode;
}

/** The apps as the agent arranged them; unpinned ones are a click away. */
export function Apps({ apps }: { apps: readonly PanelApp[] }): ReactNode {
  const { data } = useQuery(arrangementQuery("panel"));
  const [editing, setEditing] = useState(false);
  const [all, setAll] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const there = apps.map((app) => app.id).join();
  const now = useMemo(() => arranged(there.split(","), data), [there, data]);
  const app = (id: string): PanelApp | undefined => apps.find((each) => each.id === id);
  const shown = (ids: readonly string[]): ReactNode =>
    ids.map((id) => <Suspense key={id}>{app(id)?.content}</Suspense>);
  const done = (): void => {
    setEditing(false);
    setTimeout(() => opener.current?.focus());
  };
  if (editing)
    return (
      <Suspense>
        <EditApps now={now} name={(id) => app(id)?.name ?? id} done={done} />
      </Suspense>
    );
  return (
    <>
      {shown(now.pinned)}
      {all && shown(now.more)}
      <div className={classes.foot}>
        {now.more.length > 0 ? (
          <TextButton aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Fewer apps" : `More apps (${now.more.length})`}
          </TextButton>
        ) : (
          <span />
        )}
        <TextButton ref={opener} onClick={() => setEditing(true)}>
          Edit apps
        </TextButton>
      </div>
    </>
  );
}
