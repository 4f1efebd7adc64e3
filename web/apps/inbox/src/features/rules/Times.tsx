import { MultiSelect, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ClockTimes } from "@/api/rules";
import { nextTimesQuery } from "@/data/clock";
import { LAST, momentIn, monthDayWords, readTime } from "@/lib/rules/clock";
import { WEEKDAYS } from "@/lib/weekdays";
import { zoneChoices } from "@/lib/zones";
import { Fields } from "@/parts/settings/EditForm";
import type { Wrong } from "@/parts/settings/useEdit";
import classes from "./rules.module.css";

interface TimesProps {
  clock: ClockTimes;
  brandIds: string[];
  wrong: Wrong;
  change: (clock: ClockTimes) => void;
}

const SETTLED_MS = 300;
const OFFICE = { hours: 2, from: "09:00", to: "17:00" };
const MONTH = [...Array.from({ length: 31 }, (_, index) => index + 1), LAST];
const STATUSES = [
  { value: "open", label: "Open" },
  { value: "snoozed", label: "Snoozed" },
  { value: "closed", label: "Closed" },
];
const BRANDS = "The brand’s time zone";

/** On which days and at which times, by whose clocks, and of which conversations; and when that is next. */
export function Times({ clock, brandIds, wrong, change }: TimesProps): ReactNode {
  const set = (part: Partial<ClockTimes>): void => change({ ...clock, ...part });
  const { every } = clock;
  const monthly = clock.month_days.length > 0;
  return (
    <Fields name="At">
      <div className={classes.pair}>
        <Select
          label="On days of"
          allowDeselect={false}
          data={[
            { value: "week", label: "The week" },
            { value: "month", label: "The month" },
          ]}
          value={monthly ? "month" : "week"}
          onChange={(kind) =>
            set(kind === "month" ? { weekdays: [], month_days: [1] } : { weekdays: ["mon"], month_days: [] })
          }
        />
        {monthly ? (
          <MultiSelect
            label="Days"
            searchable
            data={MONTH.map((day) => ({ value: String(day), label: monthDayWords(day) }))}
            value={clock.month_days.map(String)}
            error={wrong("clock.month_days")}
            onChange={(days) => days.length > 0 && set({ month_days: days.map(Number) })}
          />
        ) : (
          <MultiSelect
            label="Days"
            searchable
            data={WEEKDAYS.map(({ day, name }) => ({ value: day, label: name }))}
            value={clock.weekdays}
            error={wrong("clock.weekdays")}
            onChange={(days) =>
              set({ weekdays: WEEKDAYS.map(({ day }) => day).filter((day) => days.includes(day)) })
            }
          />
        )}
        <Select
          label="How often"
          allowDeselect={false}
          data={[
            { value: "times", label: "At these times" },
            { value: "every", label: "Every few hours" },
          ]}
          value={every ? "every" : "times"}
          onChange={(kind) =>
            set(kind === "every" ? { times: [], every: OFFICE } : { times: ["09:00"], every: null })
          }
        />
        {every ? (
          <div className={classes.every}>
            <NumberInput
              label="Hours between"
              min={1}
              max={12}
              allowDecimal={false}
              value={every.hours}
              error={wrong("clock.every.hours")}
              onChange={(hours) => set({ every: { ...every, hours: Number(hours) } })}
            />
            <TextInput
              type="time"
              label="From"
              value={every.from}
              error={wrong("clock.every.from")}
              onChange={(event) => set({ every: { ...every, from: event.currentTarget.value } })}
            />
            <TextInput
              type="time"
              label="To"
              value={every.to}
              error={wrong("clock.every.to")}
              onChange={(event) => set({ every: { ...every, to: event.currentTarget.value } })}
            />
          </div>
        ) : (
          <TagsInput
            label="Times"
            placeholder={clock.times.length ? "" : "17:00"}
            splitChars={[",", " ", ";"]}
            acceptValueOnBlur
            value={clock.times}
            error={wrong("clock.times")}
            onChange={(times) => set({ times: [...new Set(times.map(readTime))] })}
          />
        )}
        <Select
          label="By the clocks of"
          searchable
          clearable={Boolean(clock.zone)}
          placeholder={BRANDS}
          data={zoneChoices(clock.zone)}
          value={clock.zone ?? null}
          error={wrong("clock.zone")}
          nothingFoundMessage="There is no such time zone."
          onChange={(zone) => set({ zone })}
        />
        <MultiSelect
          label="Conversations that are"
          data={STATUSES}
          value={clock.statuses}
          error={wrong("clock.statuses")}
          onChange={(statuses) => set({ statuses: statuses as ClockTimes["statuses"] })}
        />
      </div>
      {wrong("clock", true) && <p className={classes.wrong}>{wrong("clock", true)}</p>}
      <Next clock={clock} brandIds={brandIds} />
    </Fields>
  );
}

/** "Next: Mon 4 May, 17:00; …", in each time zone that its brands have. */
function Next({ clock, brandIds }: { clock: ClockTimes; brandIds: string[] }): ReactNode {
  // As text, so that what says the same is the same.
  const [asked] = useDebouncedValue(JSON.stringify({ clock, brand_ids: brandIds }), SETTLED_MS);
  const { data } = useQuery(nextTimesQuery(JSON.parse(asked)));
  if (!data) return null;
  return (
    <ul className={classes.next} aria-label="Next times">
      {data.items.map(({ zone, at }) => (
        <li key={zone}>
          <span>Next in {zone.replaceAll("_", " ")}:</span>
          {at.map((each) => (
            <time key={each} dateTime={each} className="sb-number">
              {momentIn(each, zone)}
            </time>
          ))}
        </li>
      ))}
    </ul>
  );
}
