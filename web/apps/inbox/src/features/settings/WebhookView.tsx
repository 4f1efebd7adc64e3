import { Button, SegmentedControl } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { CallState, EndpointDetail, EndpointSecret } from "@/api/settings";
import {
  actOnWebhook,
  deleteWebhook,
  refreshWebhooks,
  replayWebhook,
  rotateWebhook,
  webhookQuery,
} from "@/data/webhooks";
import type { SectionProps } from "@/lib/settings";
import { fullTime } from "@/lib/time";
import { ConfirmButton } from "@/parts/settings/ConfirmButton";
import { Section } from "@/parts/settings/Section";
import { Waits } from "@/parts/settings/Waits";
import { toast } from "@/ui/toast";
import { Deliveries } from "./Deliveries";
import classes from "./forms.module.css";
import { NewSecret } from "./NewSecret";
import { ChangeWebhook, eventName } from "./WebhookForm";

const OVERLAP_H = 24;

interface WebhookViewProps {
  id: string;
  /** Just given, and shown this once. */
  secret: string | null;
  shown: (made: EndpointSecret | null) => void;
  open: SectionProps["open"];
}

/** One endpoint: what it gets, whether that works, what was sent and what is dead. */
export function WebhookView({ id, secret, shown, open }: WebhookViewProps): ReactNode {
  const { data: endpoint, error } = useQuery(webhookQuery(id));
  const [changing, setChanging] = useState(false);
  const [state, setState] = useState<CallState | null>(null);
  if (!endpoint) return <Waits title="Webhook" error={error} />;
  if (changing) return <ChangeWebhook endpoint={endpoint} done={() => setChanging(false)} />;
  return (
    <Section
      title={endpoint.name}
      back={{ label: "All webhooks", go: () => open(null) }}
      actions={
        <>
          <Delete endpoint={endpoint} open={open} />
          <Button onClick={() => setChanging(true)}>Change</Button>
        </>
      }
    >
      {secret && (
        <NewSecret
          secret={secret}
          about="Your system checks signatures with it (Standard Webhooks)."
          done={() => shown(null)}
        />
      )}
      <p className={classes.facts}>
        <span className={classes.code}>{endpoint.url}</span>
        <span>{endpoint.event_types.map(eventName).join(", ") || "No events by itself"}</span>
      </p>
      <Health endpoint={endpoint} />
      <Acts endpoint={endpoint} shown={shown} />
      <div className={classes.bar}>
        <SegmentedControl
          aria-label="Which deliveries"
          data={[
            { value: "", label: "All" },
            { value: "queued", label: `Waiting (${endpoint.waiting.toLocaleString()})` },
            { value: "dead", label: `Dead (${endpoint.dead.toLocaleString()})` },
          ]}
          value={state ?? ""}
          onChange={(value) => setState(value === "" ? null : (value as CallState))}
        />
        {endpoint.dead > 0 && endpoint.state === "active" && <ReplayAll endpoint={endpoint} />}
      </div>
      <Deliveries id={id} state={state} active={endpoint.state === "active"} />
    </Section>
  );
}

function Health({ endpoint }: { endpoint: EndpointDetail }): ReactNode {
  if (endpoint.state !== "active") return <p className={classes.bad}>Off. {endpoint.reason}</p>;
  if (endpoint.failing_since) {
    const answered = endpoint.last_status ? `answered ${endpoint.last_status}` : "gave no answer";
    return (
      <p className={classes.bad}>
        Failing since {fullTime(endpoint.failing_since)}: the last call {answered}. We go on trying.
      </p>
    );
  }
  if (!endpoint.last_at) return <p className={classes.muted}>Not called yet. Send a test event to try it.</p>;
  return <p className={classes.good}>Works. Last called {fullTime(endpoint.last_at)}.</p>;
}

function Acts({
  endpoint,
  shown,
}: {
  endpoint: EndpointDetail;
  shown: WebhookViewProps["shown"];
}): ReactNode {
  const client = useQueryClient();
  const act = (work: Promise<unknown>, said: string): void => {
    work
      .then(() => refreshWebhooks(client))
      .then(() => toast(said))
      .catch((error: unknown) => toast(sentenceOf(error), undefined, "error"));
  };
  const active = endpoint.state === "active";
  return (
    <div className={classes.bar}>
      <Button
        variant="default"
        disabled={!active}
        onClick={() => act(actOnWebhook(endpoint.id, "ping"), "A test event is on its way")}
      >
        Send a test event
      </Button>
      {active ? (
        <ConfirmButton
          label="Switch off…"
          title={`Switch ${endpoint.name} off?`}
          confirm="Switch off"
          run={async () => {
            await actOnWebhook(endpoint.id, "disable");
            await refreshWebhooks(client);
          }}
        >
          <p>
            Nothing more is sent. The {endpoint.waiting.toLocaleString()} that wait go to the dead list, from
            where you can send them again.
          </p>
        </ConfirmButton>
      ) : (
        <Button
          variant="default"
          onClick={() => act(actOnWebhook(endpoint.id, "enable"), "Events are sent again from now on")}
        >
          Switch on
        </Button>
      )}
      <ConfirmButton
        label="New secret…"
        title="Make a new secret?"
        confirm="Make it"
        run={async () => {
          shown(await rotateWebhook(endpoint.id, OVERLAP_H));
          await refreshWebhooks(client);
        }}
      >
        <p>
          For {OVERLAP_H} hours both sign, so that your system can change over. Then only the new one does.
        </p>
      </ConfirmButton>
    </div>
  );
}

function ReplayAll({ endpoint }: { endpoint: EndpointDetail }): ReactNode {
  const client = useQueryClient();
  return (
    <ConfirmButton
      label="Send the dead ones again…"
      title={`Send ${endpoint.dead.toLocaleString()} again?`}
      confirm="Send again"
      run={async () => {
        const { replayed } = await replayWebhook(endpoint.id, null);
        await refreshWebhooks(client);
        toast(`${replayed.toLocaleString()} are sent again`);
      }}
    >
      <p>The oldest first, each with the id that it had, so that a receiver knows what it took already.</p>
    </ConfirmButton>
  );
}

function Delete({ endpoint, open }: { endpoint: EndpointDetail; open: SectionProps["open"] }): ReactNode {
  const client = useQueryClient();
  return (
    <ConfirmButton
      label="Delete…"
      title={`Delete ${endpoint.name}?`}
      confirm="Delete"
      run={async () => {
        await deleteWebhook(endpoint.id);
        open(null);
        await refreshWebhooks(client);
        toast(`Deleted ${endpoint.name}`);
      }}
    >
      <p>
        Nothing more is sent to {endpoint.url}, the {endpoint.waiting.toLocaleString()} that wait are not
        sent, and the list of deliveries is gone. This cannot be undone.
      </p>
      {endpoint.reply_channels.length > 0 && (
        <p>Answers to customers of {endpoint.reply_channels.join(", ")} no longer reach them.</p>
      )}
    </ConfirmButton>
  );
}
