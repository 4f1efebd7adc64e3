import { Select, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Calendar, CalendarEdit, OwnDay } from "@/api/sla";
import { useMay } from "@/data/directory";
import { countriesQuery, holidaysQuery, removeCalendar, saveCalendar } from "@/data/sla";
import type { SectionProps } from "@/lib/settings";
import { WEEKDAYS } from "@/lib/weekdays";
import { zoneChoices } from "@/lib/zones";
import { ConfirmButton } from "@/parts/settings/ConfirmButton";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { useEdit } from "@/parts/settings/useEdit";
import { IconButton, TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import { countryName, OFFICE } from "./calendar-words";
import { HoursField } from "./HoursField";
import classes from "./sla.module.css";

const read = (there: Calendar | undefined): CalendarEdit => ({
  name: there?.name ?? "",
  time_zone: there?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  hours: there?.hours ?? WEEKDAYS.slice(0, 5).map(({ day }) => ({ day, ...OFFICE })),
  country: there?.country ?? "",
  region: there?.region ?? "",
  days: there?.days ?? [],
});

interface CalendarFormProps {
  /** Undefined: a new one. */
  calendar: Calendar | undefined;
  open: SectionProps["open"];
}

/** One calendar: its week, the holidays of a country, and days of its own. */
export function CalendarForm({ calendar, open }: CalendarFormProps): ReactNode {
  const client = useQueryClient();
  const editing = useEdit<CalendarEdit, Calendar>(calendar, read);
  const { edit, change, wrong } = editing;
  const mayWrite = useMay("rules.write");
  const save = async (seenVersion: number): Promise<void> => {
    await saveCalendar(client, calendar?.id ?? null, edit, seenVersion);
    toast(`Saved “${edit.name}”. Targets that have begun go on by what it was.`);
    open(null);
  };
  return (
    <EditForm
      title={calendar?.name ?? "New calendar"}
      back={{ label: "All calendars", go: () => open(null) }}
      editing={editing}
      save={save}
      submitLabel={calendar ? "Save" : "Add calendar"}
      actions={
        calendar &&
        mayWrite && (
          <ConfirmButton
            label="Delete…"
            title={`Delete “${calendar.name}”?`}
            confirm="Delete"
            run={async () => {
              await removeCalendar(client, calendar);
              open(null);
              toast(`“${calendar.name}” is deleted`);
            }}
          >
            <p>Only a calendar that no policy counts by can go. Its versions are kept.</p>
          </ConfirmButton>
        )
      }
    >
      <TextInput
        label="Name"
        data-autofocus
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Select
        label="Time zone"
        searchable
        allowDeselect={false}
        data={zoneChoices(edit.time_zone)}
        value={edit.time_zone}
        error={wrong("time_zone")}
        onChange={(value) => value && change({ time_zone: value })}
      />
      <Week edit={edit} change={change} wrong={wrong} />
      <Holidays edit={edit} change={change} wrong={wrong} />
      <OwnDays edit={edit} change={change} wrong={wrong} />
    </EditForm>
  );
}

interface PartProps {
  edit: CalendarEdit;
  change: (part: Partial<CalendarEdit>) => void;
  wrong: (path: string) => string | null;
}

function Week({ edit, change, wrong }: PartProps): ReactNode {
  return (
    <Fields name="Working hours">
      {WEEKDAYS.map(({ day, name }) => {
        const places = edit.hours.map((each, at) => ({ each, at })).filter(({ each }) => each.day === day);
        return (
          <div key={day} className={classes.day}>
            <span>{name}</span>
            <HoursField
              of={name}
              hours={places.map(({ each }) => each)}
              wrong={(index) => wrong(`hours.${places[index]?.at}`)}
              change={(hours) =>
                change({
                  hours: WEEKDAYS.flatMap((one) =>
                    one.day === day
                      ? hours.map(({ opens, closes }) => ({ day, opens, closes }))
                      : edit.hours.filter((each) => each.day === one.day),
                  ),
                })
              }
            />
          </div>
        );
      })}
      {edit.hours.length === 0 && <p className={classes.wrong}>A calendar is open at least once a week.</p>}
    </Fields>
  );
}

function Holidays({ edit, change, wrong }: PartProps): ReactNode {
  const { data: countries } = useQuery(countriesQuery);
  const { data: holidays } = useQuery(holidaysQuery(edit.country, edit.region));
  const offered = (countries?.items ?? [])
    .map(({ code }) => ({ value: code, label: countryName(code) }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const regions = countries?.items.find((each) => each.code === edit.country)?.regions ?? [];
  return (
    <Fields name="Public holidays" hint="Closed on the holidays of a country, and of a region of it.">
      <Select
        label="Country"
        searchable
        clearable
        placeholder="None"
        data={offered}
        value={edit.country || null}
        error={wrong("country")}
        onChange={(value) => change({ country: value ?? "", region: "" })}
      />
      {regions.length > 0 && (
        <Select
          label="Region"
          searchable
          clearable
          placeholder="The whole country’s"
          data={[...regions]}
          value={edit.region || null}
          error={wrong("region")}
          onChange={(value) => change({ region: value ?? "" })}
        />
      )}
      {holidays && (
        <ul className={classes.holidays} aria-label="Holidays of this year and the next">
          {holidays.items.map((each) => (
            <li key={each.date}>
              <span className="sb-number">{each.date}</span> {each.name}
            </li>
          ))}
        </ul>
      )}
    </Fields>
  );
}

function OwnDays({ edit, change, wrong }: PartProps): ReactNode {
  const put = (index: number, part: Partial<OwnDay>): void =>
    change({ days: edit.days.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  const begin = (): OwnDay => ({ date: new Date().toISOString().slice(0, 10), name: "", hours: [] });
  return (
    <Fields name="Days of your own" hint="Their hours stand before the week’s and before a holiday.">
      {edit.days.map((day, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a day may have any date while it is being written
        <div key={index} className={classes.own}>
          <TextInput
            type="date"
            aria-label="Date"
            value={day.date}
            error={wrong(`days.${index}.date`)}
            onChange={(event) => put(index, { date: event.currentTarget.value })}
          />
          <TextInput
            aria-label="What it is"
            placeholder="Company outing"
            value={day.name}
            onChange={(event) => put(index, { name: event.currentTarget.value })}
          />
          <IconButton
            label={`Remove ${day.name || day.date}`}
            onClick={() => change({ days: edit.days.filter((_, at) => at !== index) })}
          >
            <IconX size={15} />
          </IconButton>
          <HoursField
            of={day.name || day.date}
            hours={day.hours}
            wrong={(at) => wrong(`days.${index}.hours.${at}`)}
            change={(hours) => put(index, { hours })}
          />
        </div>
      ))}
      <TextButton onClick={() => change({ days: [...edit.days, begin()] })}>
        <IconPlus size={14} /> Add a day
      </TextButton>
    </Fields>
  );
}
