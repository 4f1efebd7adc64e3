import { Button, Checkbox, Select, Switch, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { KindWays, NoticeKind, NoticePreferences } from "@/api/notices";
import { type NoticeWishes, noticePreferencesQuery, putNoticePreferences } from "@/data/notices";
import { askForDesktop, desktopPermission } from "@/lib/notices";
import { untilLabel } from "@/lib/time";
import { zoneChoices } from "@/lib/zones";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { Section } from "@/parts/settings/Section";
import { type Editing, type Save, useEdit } from "@/parts/settings/useEdit";
import { useNow } from "@/ui/Ago";
import { Later } from "@/ui/Later";
import { TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import classes from "./notices.module.css";

const TITLE = "Notifications";

const WORDS: Record<NoticeKind, readonly [string, string]> = {
  mention: ["Somebody mentions you", "By name, in a note"],
  team_mention: ["Somebody mentions a team of yours", "In a note"],
  assigned: ["You are given something", "A conversation or a ticket, by a person or a rule"],
  reply: ["A customer replies", "In a conversation of yours"],
  ticket: ["A ticket changes", "One you made, were given, or that is linked to a conversation of yours"],
  call_missed: ["A call is missed", "In a conversation of yours, or on your own line"],
  alert: ["A rule asks for attention", "Such as a service level that is nearly missed"],
};

const WAYS = [
  { way: "in_app", name: "Here" },
  { way: "desktop", name: "Desktop" },
  { way: "email", name: "Email" },
] as const;

const DELAYS = [
  { value: "0", label: "at once" },
  { value: "5", label: "after 5 minutes" },
  { value: "15", label: "after 15 minutes" },
  { value: "60", label: "after an hour" },
  { value: "240", label: "after 4 hours" },
  { value: "1440", label: "after a day" },
];

interface Edit extends NoticeWishes {
  /** What the hours are, or would be. */
  start: string;
  end: string;
  time_zone: string;
}

const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

function read(there: NoticePreferences | undefined): Edit {
  const { start = "22:00", end = "07:00", time_zone = ownZone() } = there?.quiet ?? {};
  return {
    ways: there?.ways ?? [],
    quiet: there?.quiet ?? null,
    email_after_minutes: there?.email_after_minutes ?? 15,
    start: start.slice(0, 5),
    end: end.slice(0, 5),
    time_zone,
  };
}

/** What one is told, where and when (AG5). */
export default function Preferences(): ReactNode {
  const { data, error, refetch } = useQuery(noticePreferencesQuery);
  if (data) return <Form there={data} />;
  return (
    <Section title={TITLE}>
      {error ? (
        <p role="alert">
          {sentenceOf(error)} <TextButton onClick={() => void refetch()}>Try again</TextButton>
        </p>
      ) : (
        <Later>
          <p aria-busy>Loading…</p>
        </Later>
      )}
    </Section>
  );
}

function Form({ there }: { there: NoticePreferences }): ReactNode {
  const client = useQueryClient();
  const now = useNow();
  const editing = useEdit<Edit, NoticePreferences>(there, read);
  const { edit, change } = editing;
  const save: Save<NoticePreferences> = async (seenSeq, adopt) => {
    const { ways, email_after_minutes, start, end, time_zone } = edit;
    const quiet = edit.quiet ? { start, end, time_zone } : null;
    adopt(await putNoticePreferences(client, { ways, email_after_minutes, quiet }, seenSeq));
    toast("Saved.");
  };
  return (
    <EditForm
      title={TITLE}
      hint="What you are told, and where. What you read here isn’t mailed to you."
      editing={editing}
      save={save}
    >
      <WaysTable ways={edit.ways} change={(ways) => change({ ways })} />
      <DesktopPermission />
      <Select
        label="What you haven’t read is mailed to you"
        data={delays(edit.email_after_minutes)}
        value={String(edit.email_after_minutes)}
        allowDeselect={false}
        error={editing.wrong("email_after_minutes")}
        onChange={(value) => value !== null && change({ email_after_minutes: Number(value) })}
      />
      <Fields
        name="Quiet hours"
        hint="Nothing pops up and no mail is sent; the bell still counts. Mails leave when they end."
      >
        <Switch
          label={
            there.quiet_until ? `On (quiet until ${untilLabel(there.quiet_until, now)})` : "Have quiet hours"
          }
          checked={edit.quiet !== null}
          onChange={({ currentTarget: { checked } }) =>
            change({
              quiet: checked ? { start: edit.start, end: edit.end, time_zone: edit.time_zone } : null,
            })
          }
        />
        {edit.quiet && <QuietFields editing={editing} />}
      </Fields>
    </EditForm>
  );
}

/** One that was set by a program is among the choices too. */
const delays = (minutes: number): typeof DELAYS =>
  DELAYS.some(({ value }) => Number(value) === minutes)
    ? DELAYS
    : [...DELAYS, { value: String(minutes), label: `after ${minutes} minutes` }];

function WaysTable({
  ways,
  change,
}: {
  ways: readonly KindWays[];
  change: (ways: KindWays[]) => void;
}): ReactNode {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">When</th>
          {WAYS.map(({ way, name }) => (
            <th key={way} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ways.map((each) => (
          <tr key={each.kind}>
            <th scope="row">
              {WORDS[each.kind][0]}
              <small>{WORDS[each.kind][1]}</small>
            </th>
            {WAYS.map(({ way, name }) => (
              <td key={way}>
                <Checkbox
                  aria-label={`${WORDS[each.kind][0]}: ${name}`}
                  checked={each[way]}
                  onChange={({ currentTarget: { checked } }) =>
                    change(ways.map((one) => (one.kind === each.kind ? { ...one, [way]: checked } : one)))
                  }
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const PERMISSION = {
  default: "This browser shows no desktop notices yet.",
  granted: "This browser shows desktop notices while Switchboard is open in it.",
  denied: "This browser was told to show none. Allow them for this site in its settings.",
  unsupported: "This browser has no desktop notices.",
} as const;

function DesktopPermission(): ReactNode {
  const [permission, setPermission] = useState(desktopPermission);
  return (
    <p className={classes.permission}>
      {PERMISSION[permission]}
      {permission === "default" && (
        <Button variant="default" onClick={() => void askForDesktop().then(setPermission)}>
          Turn on
        </Button>
      )}
    </p>
  );
}

function QuietFields({ editing }: { editing: Editing<Edit, NoticePreferences> }): ReactNode {
  const { edit, change, wrong } = editing;
  return (
    <div className={classes.times}>
      <TextInput
        type="time"
        label="From"
        value={edit.start}
        error={wrong("quiet.start")}
        onChange={({ currentTarget: { value } }) => change({ start: value })}
      />
      <TextInput
        type="time"
        label="To"
        value={edit.end}
        error={wrong("quiet.end")}
        onChange={({ currentTarget: { value } }) => change({ end: value })}
      />
      <Select
        label="Time zone"
        data={zoneChoices(edit.time_zone)}
        value={edit.time_zone}
        searchable
        limit={60}
        allowDeselect={false}
        nothingFoundMessage="No time zone is called so"
        error={wrong("quiet.time_zone")}
        onChange={(zone) => zone && change({ time_zone: zone })}
      />
    </div>
  );
}
