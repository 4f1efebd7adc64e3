import { Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { TicketState, TicketType } from "@/api/tickets";
import { STATE_NAMES, STATES } from "@/lib/links";
import classes from "./forms.module.css";

type Words = TicketType["customer"];

interface CustomerWordsProps {
  words: Words;
  wrong: (path: string) => string | null;
  change: (words: Words) => void;
}

/** For each state, its name for the customer and what is sent to them. */
export function CustomerWords({ words, wrong, change }: CustomerWordsProps): ReactNode {
  const of = (state: TicketState): Words[number] =>
    words.find((each) => each.state === state) ?? { state, label: "", message: "" };
  const put = (state: TicketState, part: Partial<Words[number]>): void =>
    change(STATES.map((each) => (each === state ? { ...of(each), ...part } : of(each))));
  return (
    <div className={classes.rows}>
      {STATES.map((state) => (
        <div key={state} className={classes.state}>
          <span>{STATE_NAMES[state]}</span>
          <TextInput
            aria-label={`Name of “${STATE_NAMES[state]}” for the customer`}
            placeholder={`Called “${STATE_NAMES[state]}”`}
            value={of(state).label}
            onChange={(event) => put(state, { label: event.currentTarget.value })}
          />
          <Textarea
            aria-label={`Message when ${STATE_NAMES[state]}`}
            placeholder="Nothing is sent"
            autosize
            maxRows={8}
            value={of(state).message}
            onChange={(event) => put(state, { message: event.currentTarget.value })}
          />
        </div>
      ))}
      {wrong("customer") && (
        <p role="alert" className={classes.bad}>
          {wrong("customer")}
        </p>
      )}
    </div>
  );
}
