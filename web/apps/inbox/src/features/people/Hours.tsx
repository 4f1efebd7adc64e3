import { Button, Select, Switch } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type OpenHours, type Team, WEEK, type Weekday } from "@/api/people";
import { zoneChoices } from "@/lib/zones";
import { Fields } from "@/parts/settings/EditForm";
import { IconButton } from "@/ui/Quiet";
import classes from "./people.module.css";

export type TeamHours = NonNullable<Team["hours"]>;

interface HoursProps {
  hours: TeamHours | null;
  wrong: (path: string) => string | null;
  onChange: (hours: TeamHours | null) => void;
}

const WORKDAYS = WEEK.slice(0, 5);
const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const usual = (): TeamHours => ({
  time_zone: zone(),
  open: WORKDAYS.map((day) => ({ day, opens: "09:00", closes: "17:00" })),
});

const named = (day: Weekday): string => day.charAt(0).toUpperCase() + day.slice(1);

/** When a team works, day by day; or always. */
export function Hours({ hours, wrong, onChange }: HoursProps): ReactNode {
  const change = (open: OpenHours[]): void => {
    if (hours) onChange({ ...hours, open });
  };
  const refusal = wrong("hours");
  return (
    <Fields name="Hours">
      <Switch
        label="It has hours"
        description={hours ? undefined : "Without them it is always open."}
        checked={hours !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? usual() : null)}
      />
      {hours && (
        <>
          <Select
            label="Time zone"
            searchable
            data={zoneChoices(hours.time_zone)}
            value={hours.time_zone}
            allowDeselect={false}
            onChange={(time_zone) => time_zone && onChange({ ...hours, time_zone })}
          />
          <div>
            {WEEK.map((day) => (
              <Day key={day} day={day} open={hours.open} onChange={change} />
            ))}
          </div>
          {refusal && (
            <p role="alert" className={classes.wrong}>
              {refusal}
            </p>
          )}
        </>
      )}
    </Fields>
  );
}

interface DayProps {
  day: Weekday;
  open: OpenHours[];
  onChange: (open: OpenHours[]) => void;
}

function Day({ day, open, onChange }: DayProps): ReactNode {
  const own = open.flatMap((each, index) => (each.day === day ? [{ ...each, index }] : []));
  const set = (index: number, part: Partial<OpenHours>): void =>
    onChange(open.map((each, at) => (at === index ? { ...each, ...part } : each)));
  const add = (): void => {
    const last = own.at(-1);
    const fresh = last ? { opens: last.closes, closes: "24:00" } : { opens: "09:00", closes: "17:00" };
    onChange([...open, { day, ...fresh }]);
  };
  return (
    <div className={classes.day}>
      <span>{named(day)}</span>
      <div className={classes.times}>
        {own.length === 0 && <span className={classes.note}>Closed</span>}
        {own.map(({ index, opens, closes }) => (
          <span key={index} className={classes.times}>
            <input
              type="time"
              aria-label={`${named(day)} opens`}
              value={opens}
              onChange={(event) => set(index, { opens: event.currentTarget.value })}
            />
            –
            <input
              type="time"
              aria-label={`${named(day)} closes`}
              // A clock field knows no 24:00; midnight at the day's end is written as 00:00.
              value={closes === "24:00" ? "00:00" : closes}
              onChange={(event) =>
                set(index, {
                  closes: event.currentTarget.value === "00:00" ? "24:00" : event.currentTarget.value,
                })
              }
            />
            <IconButton
              label={`Remove ${named(day)} ${opens}`}
              onClick={() => onChange(open.filter((_, at) => at !== index))}
            >
              <IconX size={14} />
            </IconButton>
          </span>
        ))}
        {own.at(-1)?.closes !== "24:00" && (
          <Button variant="subtle" size="compact-xs" aria-label={`Add hours on ${named(day)}`} onClick={add}>
            Add
          </Button>
        )}
      </div>
    </div>
  );
}
