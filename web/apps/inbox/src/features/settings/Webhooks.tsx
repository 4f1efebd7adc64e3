import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Endpoint, EndpointSecret } from "@/api/settings";
import { webhooksQuery } from "@/data/webhooks";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { Waits } from "@/parts/settings/Waits";
import { Gone } from "./Gone";
import { NewWebhook } from "./WebhookForm";
import { WebhookView } from "./WebhookView";

/** Where events are sent as they happen, and how that goes. */
export default function Webhooks({ item, open }: SectionProps): ReactNode {
  const { data, error } = useQuery(webhooksQuery);
  const [secret, setSecret] = useState<EndpointSecret | null>(null);
  const show = (made: EndpointSecret): void => {
    setSecret(made);
    open(made.id);
  };
  if (item === "new") return <NewWebhook made={show} open={open} />;
  if (item !== null && secret?.id === item) {
    return <WebhookView key={item} id={item} secret={secret.secret} shown={setSecret} open={open} />;
  }
  if (!data) return <Waits title="Webhooks" error={error} />;
  if (item !== null) {
    if (!data.some((each) => each.id === item)) return <Gone title="Webhooks" what="webhook" open={open} />;
    return <WebhookView key={item} id={item} secret={null} shown={setSecret} open={open} />;
  }
  const there = data.filter((each) => each.state !== "deleted");
  return (
    <Section
      title="Webhooks"
      hint="Your own systems are told of events as they happen: signed, in order for each conversation, tried again over days."
      actions={<Button onClick={() => open("new")}>Add a webhook</Button>}
    >
      {there.length > 0 ? (
        <Lines label="Webhooks">
          {there.map((each) => (
            <Line
              key={each.id}
              name={each.name}
              about={each.url}
              end={stateWords(each)}
              quiet={each.state !== "active"}
              open={() => open(each.id)}
            />
          ))}
        </Lines>
      ) : (
        <p className={classes.nothing}>No webhooks yet.</p>
      )}
    </Section>
  );
}

/** "Works", "Failing", "Off". */
export function stateWords(endpoint: Endpoint): string {
  if (endpoint.state !== "active") return "Off";
  if (endpoint.failing_since) return "Failing";
  return endpoint.last_at ? "Works" : "Not called yet";
}
