import { IconCheck, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ConditionTrace, GroupTrace } from "@/api/traces";
import { conditionWords, JOINED_WORDS } from "@/lib/rules/trace-words";
import classes from "./trace.module.css";

/** What a condition asks, in better words than its names. */
export type Asked = (condition: ConditionTrace) => string;

interface GroupProps {
  group: GroupTrace;
  /** The outermost one needs no heading around a single condition. */
  top?: boolean;
  asked?: Asked | undefined;
}

/** What was asked, each with whether it held and what was seen. */
export function GroupOfTrace({ group, top, asked }: GroupProps): ReactNode {
  return (
    <div className={classes.group}>
      {(!top || group.children.length > 1) && (
        <span className={classes.joined}>{JOINED_WORDS[group.joined]}</span>
      )}
      <ul>
        {group.children.map((child) => (
          <li key={child.place}>
            {"children" in child ? (
              <GroupOfTrace group={child} asked={asked} />
            ) : (
              <Condition condition={child} asked={asked} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Condition({ condition, asked }: { condition: ConditionTrace; asked: Asked | undefined }): ReactNode {
  const words = conditionWords(condition);
  return (
    <span className={classes.condition}>
      <Mark held={condition.held} />
      <span dir="auto">
        {asked ? asked(condition) : words.asked}.<i>{words.seen}</i>
      </span>
    </span>
  );
}

export function Mark({ held }: { held: boolean }): ReactNode {
  return (
    <span className={classes.mark} data-held={held || undefined}>
      {held ? <IconCheck size={14} aria-label="Yes" /> : <IconX size={14} aria-label="No" />}
    </span>
  );
}
