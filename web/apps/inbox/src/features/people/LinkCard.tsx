import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { SecretLink } from "@/api/account";
import type { Agent } from "@/api/people";
import { fullTime } from "@/lib/time";
import { Copy } from "@/parts/account/Secrets";
import classes from "./people.module.css";

interface LinkCardProps {
  made: SecretLink;
  agent: Agent;
  kind: "invitation" | "reset";
}

/** A link that is told once: to copy, or to send by one's own mail program. */
export function LinkCard({ made, agent, kind }: LinkCardProps): ReactNode {
  const invited = kind === "invitation";
  const subject = invited ? "Your Switchboard account" : "A new password for Switchboard";
  const what = invited ? "Open this link to join:" : "Open this link to choose a new password:";
  const body = `Hi ${agent.name},\n\n${what}\n\n${made.link}\n\nIt works once, until ${fullTime(made.expires_at)}.\n`;
  const mail = `mailto:${encodeURIComponent(agent.email)}?${new URLSearchParams({ subject, body })}`;
  return (
    <div className={classes.card} role="status">
      <h2>{invited ? "Their invitation" : "Their link for a new password"}</h2>
      <p>
        Whoever has this link can be {agent.name}: give it to them alone. It is not shown again, and opens
        once, until {fullTime(made.expires_at)}.
      </p>
      <span className={classes.link}>{made.link}</span>
      <div className={classes.actions}>
        <Copy text={made.link} label="Copy the link" />
        <Button component="a" variant="default" href={mail.replaceAll("+", "%20")}>
          Write a mail
        </Button>
      </div>
    </div>
  );
}
