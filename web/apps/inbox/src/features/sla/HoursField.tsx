import { TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Hours } from "@/api/sla";
import { IconButton, TextButton } from "@/ui/Quiet";
import { keptClosing, OFFICE, shownClosing } from "./calendar-words";
import classes from "./sla.module.css";

interface HoursFieldProps {
  /** Whose hours, for who can't see: "Monday". */
  of: string;
  hours: readonly Hours[];
  wrong: (index: number) => string | null;
  change: (hours: Hours[]) => void;
}

/** The hours of a day: any number of stretches; none: closed. */
export function HoursField({ of, hours, wrong, change }: HoursFieldProps): ReactNode {
  const put = (index: number, part: Partial<Hours>): void =>
    change(hours.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <div className={classes.hours}>
      {hours.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a stretch has no name besides what is being written
        <div key={index}>
          <span className={classes.span}>
            <TextInput
              type="time"
              aria-label={`${of} opens`}
              value={each.opens}
              onChange={(event) => put(index, { opens: event.currentTarget.value })}
            />
            to
            <TextInput
              type="time"
              aria-label={`${of} closes`}
              value={shownClosing(each.closes)}
              onChange={(event) => put(index, { closes: keptClosing(event.currentTarget.value) })}
            />
            <IconButton
              label={`Remove these hours of ${of}`}
              onClick={() => change(hours.filter((_, at) => at !== index))}
            >
              <IconX size={15} />
            </IconButton>
          </span>
          {wrong(index) && (
            <p role="alert" className={classes.wrong}>
              {wrong(index)}
            </p>
          )}
        </div>
      ))}
      <TextButton onClick={() => change([...hours, OFFICE])}>
        <IconPlus size={14} /> {hours.length ? "More hours" : "Closed. Add hours"}
      </TextButton>
    </div>
  );
}
