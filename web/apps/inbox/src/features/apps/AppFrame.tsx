import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { call, sentenceOf } from "@/api/client";
import type { App } from "@/api/people";
import type { Head } from "@/api/types";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import classes from "./apps.module.css";

interface Context {
  url: string;
  origin: string;
  token: string;
  holds_s: number;
}

/** Scripts and its own cookies, but never the desk’s address bar, dialogs over it, or downloads. */
const MAY = "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox";

/** A page of an integrator’s. When it has loaded it is told, by a message that only its own origin gets, whom it is
 * about: `{type: "switchboard.context", token}`. */
export function AppFrame({ app, head }: { app: App; head: Head }): ReactNode {
  const frame = useRef<HTMLIFrameElement>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ["app-context", app.app_id, head.id],
    queryFn: ({ signal }) =>
      call<Context>(`/api/tickets/apps/${app.app_id}/context`, {
        method: "POST",
        body: { conversation_id: head.id },
        signal,
      }),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (error) {
    return (
      <p className={classes.none} role="alert">
        {app.name} can’t be shown. {sentenceOf(error)}{" "}
        <TextButton onClick={() => void refetch()}>Try again</TextButton>
      </p>
    );
  }
  if (!data) {
    return (
      <Later>
        <p className={classes.none}>Opening {app.name}…</p>
      </Later>
    );
  }
  return (
    <iframe
      ref={frame}
      title={app.name}
      className={classes.frame}
      src={data.url}
      sandbox={MAY}
      referrerPolicy="origin"
      style={{ height: app.height }}
      onLoad={() =>
        frame.current?.contentWindow?.postMessage(
          { type: "switchboard.context", token: data.token },
          data.origin,
        )
      }
    />
  );
}
