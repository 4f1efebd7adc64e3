import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { Spent } from "@/api/dashboard";
import { historyQuery } from "@/data/dashboard";
import { useNames } from "@/data/directory";
import { useNow } from "@/ui/Ago";
import classes from "./dashboard.module.css";
import own from "./History.module.css";
import { roughly } from "./words";

const dayName = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const DAY_MS = 24 * 60 * 60 * 1000;

const label = (one: Spent): string =>
  one.reason || { online: "Online", away: "Away", offline: "Offline" }[one.status];

/** How long somebody was in each status, day by day. */
export function History({ agentId, close }: { agentId: string | null; close: () => void }): ReactNode {
  const names = useNames();
  return (
    <Modal
      opened={agentId !== null}
      onClose={close}
      title={agentId ? `${names.agentName(agentId)}, the last seven days` : ""}
      size={560}
      centered
    >
      {agentId && <Days agentId={agentId} />}
    </Modal>
  );
}

function Days({ agentId }: { agentId: string }): ReactNode {
  const { data, error } = useQuery(historyQuery(agentId, useNow()));
  if (error && !data) return <p role="alert">{sentenceOf(error)}</p>;
  if (!data) return <p className={classes.quiet} aria-busy />;
  return (
    <>
      <ul className={own.days}>
        {[...data.days].reverse().map(({ day, spent }) => (
          <li key={day}>
            <b>{dayName.format(new Date(`${day}T00:00:00Z`))}</b>
            <span className={own.bar} aria-hidden>
              {spent.map((one) => (
                <i
                  key={label(one)}
                  data-status={one.status}
                  style={{ width: `${(100 * one.duration_ms) / DAY_MS}%` }}
                />
              ))}
            </span>
            <span>
              {spent.length === 0
                ? "Nothing recorded"
                : spent.map((one) => `${label(one)} ${roughly(one.duration_ms / 1000)}`).join(" · ")}
            </span>
          </li>
        ))}
      </ul>
      <p className={classes.quiet}>Days as they are in {data.time_zone.replaceAll("_", " ")}.</p>
    </>
  );
}
