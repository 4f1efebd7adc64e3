import type { InputWrapperProps } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { dayOf } from "@/lib/days";
import "@mantine/dates/styles.css";

interface DayFieldProps extends Pick<InputWrapperProps, "label" | "withAsterisk" | "description" | "error"> {
  inputWrapperOrder: ("label" | "input" | "description" | "error")[];
  size: "xs";
  disabled: boolean;
  /** "2026-05-03", a day of no zone. */
  value: string | null;
  set: (day: string | null) => void;
}

/** A day, typed as people write one or chosen in a calendar. */
export default function DayField({ set, ...field }: DayFieldProps): ReactNode {
  return (
    <DateInput
      {...field}
      onChange={set}
      valueFormat="D MMM YYYY"
      placeholder="3 May 2026"
      dateParser={dayOf}
      clearable
      leftSection={<IconCalendar size={15} />}
      popoverProps={{ shadow: "md" }}
    />
  );
}
