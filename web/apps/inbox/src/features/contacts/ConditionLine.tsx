import { ActionIcon, NumberInput, Select, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Condition, ConditionOperator } from "@/api/contacts";
import classes from "@/parts/contact/dialogs.module.css";
import { begin, keyOf, needsValue, OPERATORS, operatorWords, type Subject } from "./conditions";
import { useSubjectChoices } from "./useSubjectChoices";

interface ConditionLineProps {
  subjects: readonly Subject[];
  condition: Condition;
  wrong: string | undefined;
  change: (condition: Condition) => void;
  remove: (() => void) | null;
}

/** One condition: what, how, and with which value. */
export function ConditionLine({
  subjects: all,
  condition,
  wrong,
  change,
  remove,
}: ConditionLineProps): ReactNode {
  const subject = all.find((each) => each.key === keyOf(condition));
  const operators = OPERATORS[subject?.kind ?? "text"];
  return (
    <div className={classes.condition}>
      <Select
        aria-label="What"
        data={all.map((each) => ({ value: each.key, label: each.label }))}
        value={keyOf(condition)}
        searchable
        allowDeselect={false}
        onChange={(key) => {
          const next = all.find((each) => each.key === key);
          if (next) change(begin(next));
        }}
      />
      <Select
        aria-label="How"
        data={operators.map((each) => ({ value: each, label: operatorWords(each, subject?.kind ?? "text") }))}
        value={condition.operator}
        allowDeselect={false}
        onChange={(operator) =>
          operator &&
          change({ ...condition, operator: operator as ConditionOperator, value: condition.value ?? null })
        }
      />
      <div className={classes.values}>
        {condition.field === "did" && (
          <TextInput
            aria-label="What they did"
            placeholder="as the product calls it"
            value={condition.activity}
            onChange={(event) => change({ ...condition, activity: event.currentTarget.value })}
          />
        )}
        {needsValue(condition.operator) && (
          <Value subject={subject} condition={condition} change={change} wrong={wrong} />
        )}
      </div>
      {remove && (
        <ActionIcon variant="subtle" color="gray" aria-label="Take this condition away" onClick={remove}>
          <IconX size={15} />
        </ActionIcon>
      )}
    </div>
  );
}

const inDays = (operator: ConditionOperator): boolean =>
  operator === "within_days" || operator === "not_within_days";

interface ValueProps {
  subject: Subject | undefined;
  condition: Condition;
  wrong: string | undefined;
  change: (condition: Condition) => void;
}

function Value({ subject, condition, wrong, change }: ValueProps): ReactNode {
  const set = (value: Condition["value"]): void => change({ ...condition, value: value ?? null });
  const error = wrong ? `It ${wrong}.` : null;
  const text = typeof condition.value === "string" ? condition.value : "";
  const choices = useSubjectChoices(subject);
  if (subject?.kind === "flag") {
    return (
      <Select
        aria-label="Value"
        data={[
          { value: "yes", label: "yes" },
          { value: "no", label: "no" },
        ]}
        value={condition.value === false ? "no" : "yes"}
        allowDeselect={false}
        onChange={(next) => set(next !== "no")}
      />
    );
  }
  if (choices)
    return (
      <Select
        aria-label="Value"
        data={choices}
        value={text || null}
        searchable={choices.length > 10}
        error={error}
        onChange={set}
      />
    );
  if (subject?.kind === "number" || subject?.kind === "count" || inDays(condition.operator)) {
    return (
      <NumberInput
        aria-label="Value"
        hideControls
        value={typeof condition.value === "number" ? condition.value : ""}
        error={error}
        onChange={(next) => set(next === "" ? null : Number(next))}
      />
    );
  }
  return (
    <TextInput
      aria-label="Value"
      type={subject?.kind === "date" ? "date" : "text"}
      value={text}
      error={error}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}
