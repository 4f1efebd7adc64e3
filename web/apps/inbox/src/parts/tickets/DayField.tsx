import type { InputWrapperProps } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { dayOf } from "@/lib/days";
import "@mantine/dates/styles.css";

interface DayFieldProps extends Pick<InputWrapperProps, "label" | "withAsterisk" | "description" | "error"> {
  inputWrapperOrder: ("label" | "input" | "description" | "error")[];
  size: "xs";
  disabled: boolean;
  /** "2026-05-03", a day of no zone; or what was typed that is none. */
  value: string | null;
  set: (day: string | null) => void;
}

/**
 * A day, typed as people write one or chosen in a calendar. What is no day is the value as it was typed: it is refused
 * by name, where nothing at all would be taken for an empty field.
 */
export default function DayField({ set, value, error, ...field }: DayFieldProps): ReactNode {
  const [typing, setTyping] = useState(false);
  const day = value && dayOf(value);
  const unread = value && !day ? value : null;
  const why = unread && !typing && (
    <>
      “<bdi>{unread}</bdi>” is no day. Write the month as a word: 3 May 2026
    </>
  );
  return (
    <DateInput
      {...field}
      value={day || null}
      error={why || error}
      onChange={set}
      onInput={(event) => {
        const text = event.currentTarget.value;
        if (text.trim() && !dayOf(text)) set(text);
      }}
      onFocus={() => setTyping(true)}
      onBlur={() => setTyping(false)}
      fixOnBlur={!unread}
      valueFormat="D MMM YYYY"
      placeholder="3 May 2026"
      dateParser={dayOf}
      clearable
      leftSection={<IconCalendar size={15} />}
      popoverProps={{ shadow: "md" }}
    />
  );
}
