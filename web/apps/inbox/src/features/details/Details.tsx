import { type ReactNode, Suspense, useState } from "react";
import type { Head } from "@/api/types";
import { useCommands } from "@/data/commands";
import { useMay, useMe, useNames } from "@/data/directory";
import { lazy } from "@/lib/lazy";
import { personName, showHandle } from "@/lib/person";
import { fullTime, momentLabel } from "@/lib/time";
import { AssignPicker } from "@/parts/AssignPicker";
import { Card } from "@/parts/Card";
import { Field, FieldButton } from "@/parts/Field";
import { useNow } from "@/ui/Ago";
import { Avatar } from "@/ui/Avatar";
import { BrandDot } from "@/ui/Brand";
import { Apps, type PanelApp } from "./Apps";
import { CustomFields } from "./CustomFields";
import classes from "./Details.module.css";
import { TagsField } from "./TagsField";
import { TopicField } from "./TopicField";

const Waits = lazy(() => import("./Waits"));

const STATUS_NAMES: Record<Head["status"], string> = { open: "Open", snoozed: "Snoozed", closed: "Closed" };

/** The right column: who it is, and the apps: the conversation's own, and what the page has beside them. */
export function Details({ head, apps }: { head: Head; apps: readonly PanelApp[] }): ReactNode {
  return (
    <aside className={`${classes.pane} sb-scroll`} aria-label="Details">
      <Person head={head} />
      <Apps
        apps={[
          { id: "attributes", name: "Attributes", content: <Attributes head={head} /> },
          ...apps,
          { id: "times", name: "Times", content: <Times head={head} /> },
        ]}
      />
    </aside>
  );
}

function Person({ head }: { head: Head }): ReactNode {
  const names = useNames();
  const brand = names.brand(head.brand_id);
  const name = personName(head);
  return (
    <header className={classes.person}>
      <Avatar name={name} size={36} />
      <div>
        <h2 className="sb-truncate">{name}</h2>
        <p className="sb-truncate" title={head.handle.value}>
          {head.handle.kind === "visitor" ? "Website visitor" : showHandle(head.handle.value)}
        </p>
        {brand && (
          <p className={classes.brand}>
            <BrandDot brand={brand} /> {brand.name}
          </p>
        )}
      </div>
    </header>
  );
}

function Attributes({ head }: { head: Head }): ReactNode {
  const commands = useCommands(head.id);
  const mayEdit = useMay("conversations.edit");
  return (
    <Card name="Attributes">
      <Field label="Status">{STATUS_NAMES[head.status]}</Field>
      <AssigneeField head={head} mayEdit={mayEdit} />
      <Suspense>
        {!head.assignee_id && head.status === "open" && !head.spam && <Waits key={head.id} head={head} />}
      </Suspense>
      <Field label="Team">
        <TeamName id={head.team_id} />
      </Field>
      <Field label="Priority">
        {mayEdit ? (
          <FieldButton
            label={head.priority ? "Take priority off" : "Set priority"}
            onClick={() => void commands.togglePriority()}
          >
            {head.priority ? <b className={classes.red}>Priority</b> : <Nothing>Normal</Nothing>}
          </FieldButton>
        ) : (
          <span>{head.priority ? "Priority" : "Normal"}</span>
        )}
      </Field>
      <TopicField head={head} mayEdit={mayEdit} setTopic={(topic) => void commands.setTopic(topic)} />
      <TagsField
        head={head}
        mayEdit={mayEdit}
        change={(add, remove) => void commands.changeTags(add, remove)}
      />
      <CustomFields key={head.id} head={head} mayEdit={mayEdit} />
    </Card>
  );
}

function AssigneeField({ head, mayEdit }: { head: Head; mayEdit: boolean }): ReactNode {
  const names = useNames();
  const me = useMe();
  const commands = useCommands(head.id);
  const [opened, setOpened] = useState(false);
  const assignee = names.agent(head.assignee_id);
  const words = assignee ? (
    <span className={classes.agent}>
      <Avatar name={assignee.name} size={18} accent />
      {assignee.name}
    </span>
  ) : (
    <Nothing>Nobody</Nothing>
  );
  if (!mayEdit) return <Field label="Assignee">{words}</Field>;
  return (
    <Field label="Assignee">
      <AssignPicker
        head={head}
        opened={opened}
        setOpened={setOpened}
        assign={(team, agent) => void commands.assign(team, agent)}
      >
        <FieldButton label="Change assignee" onClick={() => setOpened(!opened)}>
          {words}
        </FieldButton>
      </AssignPicker>
      {!assignee && me && (
        <button
          type="button"
          className={classes.take}
          onClick={() => void commands.assign(head.team_id ?? null, me.agent.agent_id)}
        >
          Take it
        </button>
      )}
    </Field>
  );
}

function TeamName({ id }: { id: string | null | undefined }): ReactNode {
  const names = useNames();
  return id ? <span>{names.teamName(id)}</span> : <Nothing>No team</Nothing>;
}

const Nothing = ({ children }: { children: ReactNode }): ReactNode => (
  <span className={classes.nothing}>{children}</span>
);

function When({ at }: { at: string }): ReactNode {
  const now = useNow();
  return (
    <time dateTime={at} title={fullTime(at)} className="sb-number">
      {momentLabel(at, now)}
    </time>
  );
}

function Times({ head }: { head: Head }): ReactNode {
  const rows = [
    ["Started", head.started_at],
    ["Last activity", head.last_activity_at],
    ["Waiting since", head.waiting_since],
    ["First reply", head.first_reply_at],
    ["Closed", head.status === "closed" ? head.closed_at : null],
  ] as const;
  return (
    <Card name="Times">
      {rows.map(
        ([label, at]) =>
          at && (
            <Field key={label} label={label}>
              <When at={at} />
            </Field>
          ),
      )}
      <Field label="Came in by">
        <span className="sb-truncate" title={head.account}>
          {showHandle(head.account) || head.channel}
        </span>
      </Field>
    </Card>
  );
}
