import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMay } from "@/data/directory";
import { calendarsQuery } from "@/data/sla";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { useKept } from "@/parts/settings/useKept";
import { Waits } from "@/parts/settings/Waits";
import { CalendarForm } from "./CalendarForm";
import { countryName } from "./calendar-words";

/** When the desk works: hours, holidays and days of their own. */
export default function Calendars({ item, open }: SectionProps): ReactNode {
  const { data, error } = useQuery(calendarsQuery);
  const mayWrite = useMay("rules.write");
  const found = useKept(
    data?.find((each) => each.id === item),
    item,
  );
  if (!data) return <Waits title="Calendars" error={error} />;
  if (item !== null) {
    if (!found && item !== "new") {
      return (
        <Section title="Calendars" back={{ label: "All calendars", go: () => open(null) }}>
          <p role="alert">There is no such calendar.</p>
        </Section>
      );
    }
    return <CalendarForm key={item} calendar={found} open={open} />;
  }
  return (
    <Section
      title="Calendars"
      hint="When the desk works. SLA policies count only this time."
      actions={mayWrite && <Button onClick={() => open("new")}>Add a calendar</Button>}
    >
      {data.length === 0 && (
        <p className={classes.nothing}>No calendars yet. Without one, all time counts, day and night.</p>
      )}
      <Lines label="Calendars">
        {data.map((each) => (
          <Line
            key={each.id}
            name={each.name}
            about={[each.time_zone, each.country && `Holidays of ${countryName(each.country)}`]
              .filter(Boolean)
              .join(" · ")}
            open={() => open(each.id)}
          />
        ))}
      </Lines>
    </Section>
  );
}
