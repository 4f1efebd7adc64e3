import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { CallState, WebhookCall } from "@/api/settings";
import { refreshWebhooks, replayWebhook, webhookCallsQuery } from "@/data/webhooks";
import { Ago } from "@/ui/Ago";
import { toast } from "@/ui/toast";
import classes from "./forms.module.css";
import { eventName } from "./WebhookForm";

interface DeliveriesProps {
  id: string;
  state: CallState | null;
  /** Whether anything is sent at all. */
  active: boolean;
}

/** The latest deliveries to an endpoint, each with what came back. */
export function Deliveries({ id, state, active }: DeliveriesProps): ReactNode {
  const { data, error } = useQuery(webhookCallsQuery(id, state));
  if (error && !data) return <p role="alert">{sentenceOf(error)}</p>;
  if (!data) return null;
  if (data.items.length === 0) {
    return (
      <p className={classes.muted}>
        {state === "dead" ? "Nothing is on the dead list." : "Nothing is here."}
      </p>
    );
  }
  return (
    <ul className={classes.calls} aria-label="Deliveries">
      {data.items.map((call) => (
        <Delivery key={call.id} endpointId={id} call={call} active={active} />
      ))}
    </ul>
  );
}

function Delivery({
  endpointId,
  call,
  active,
}: {
  endpointId: string;
  call: WebhookCall;
  active: boolean;
}): ReactNode {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const again = async (): Promise<void> => {
    setBusy(true);
    try {
      await replayWebhook(endpointId, call.id);
      await refreshWebhooks(client);
      toast("It is sent again");
    } catch (error) {
      toast(sentenceOf(error), undefined, "error");
    } finally {
      setBusy(false);
    }
  };
  return (
    <li>
      <b className="sb-truncate">{eventName(call.event_type)}</b>
      <small>
        <span
          className={call.state === "dead" ? classes.bad : call.state === "sent" ? classes.good : undefined}
        >
          {stateOf(call)}
        </span>{" "}
        · <Ago at={call.created_at} />
      </small>
      {call.state === "dead" && active && (
        <Button variant="default" loading={busy} onClick={() => void again()}>
          Send again
        </Button>
      )}
      {call.state !== "sent" && (call.reason || call.said) && (
        <small className={classes.whole} dir="auto">
          {[call.reason, call.said].filter(Boolean).join(" — ")}
        </small>
      )}
    </li>
  );
}

/** "Sent (200, 31 ms)", "Waiting, tried 2 times", "Dead after 3 tries". */
function stateOf(call: WebhookCall): string {
  if (call.state === "sent") {
    return `Sent (${[call.status, call.took_ms !== null && `${call.took_ms} ms`].filter(Boolean).join(", ")})`;
  }
  const tries = `${call.attempt} ${call.attempt === 1 ? "try" : "tries"}`;
  if (call.state === "dead") return `Dead after ${tries}`;
  return call.attempt > 0 ? `Waiting after ${tries}` : "Waiting";
}
