import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { call, sentenceOf } from "@/api/client";
import type { App, AppCard } from "@/api/people";
import type { Head } from "@/api/types";
import { keys } from "@/data/keys";
import { Card } from "@/parts/Card";
import { Field } from "@/parts/Field";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import { AppFrame } from "./AppFrame";
import classes from "./apps.module.css";

/** Beside a conversation: what an integrator's system shows about its customer. */
export default function OutsideApp({ app, head }: { app: App; head: Head }): ReactNode {
  return (
    <Card name={app.name}>
      {app.kind === "frame" ? (
        <AppFrame key={head.id} app={app} head={head} />
      ) : (
        <Said app={app} conversationId={head.id} />
      )}
    </Card>
  );
}

interface CardAnswer {
  card: AppCard | null;
  trouble: string | null;
}

function Said({ app, conversationId }: { app: App; conversationId: string }): ReactNode {
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: keys.appCard(app.app_id, conversationId),
    queryFn: ({ signal }) =>
      call<CardAnswer>(`/api/tickets/apps/${app.app_id}/card`, {
        method: "POST",
        body: { conversation_id: conversationId },
        signal,
      }),
    staleTime: 60_000,
  });
  const trouble = error ? sentenceOf(error) : data?.trouble;
  if (trouble) {
    return (
      <p className={classes.none} role="alert">
        {app.name} can’t be shown. {trouble}{" "}
        <TextButton disabled={isFetching} onClick={() => void refetch()}>
          Try again
        </TextButton>
      </p>
    );
  }
  if (!data?.card) {
    return (
      <Later>
        <p className={classes.none}>Asking {app.name}…</p>
      </Later>
    );
  }
  const { text, fields, links } = data.card;
  if (!text && fields.length === 0 && links.length === 0) {
    return <p className={classes.none}>Nothing about this customer.</p>;
  }
  return (
    <>
      {text && (
        <p className={classes.text} dir="auto">
          {text}
        </p>
      )}
      {fields.map((field, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two lines may say the same
        <Field key={index} label={field.label}>
          {field.url ? <Away url={field.url}>{field.value}</Away> : <bdi>{field.value}</bdi>}
        </Field>
      ))}
      {links.length > 0 && (
        <p className={classes.links}>
          {links.map((link) => (
            <Away key={link.url} url={link.url}>
              {link.label}
            </Away>
          ))}
        </p>
      )}
    </>
  );
}

function Away({ url, children }: { url: string; children: ReactNode }): ReactNode {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" dir="auto">
      {children}
    </a>
  );
}
