import { Popover } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import { type ConditionTrace, decisionQuery, type GroupTrace, type RuleTrace } from "@/data/decisions";
import { Later } from "@/ui/Later";
import classes from "./Why.module.css";
import { conditionWords, JOINED_WORDS, triggerWords } from "./why-words";

/** "Why?": which rules were looked at, which matched, and the values they saw. */
export function Why({ decisionId }: { decisionId: string }): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={400} position="bottom" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.why}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          Why?
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Why this happened">
        {opened && <Explanation decisionId={decisionId} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Explanation({ decisionId }: { decisionId: string }): ReactNode {
  const { data, error, isPending } = useQuery(decisionQuery(decisionId));
  if (error) return <div className={classes.box}>The reasons can’t be shown. {sentenceOf(error)}</div>;
  if (isPending) {
    return (
      <div className={classes.box}>
        <Later>Looking up the reasons…</Later>
      </div>
    );
  }
  const trace = data.rules;
  const reasons = data.actions.flatMap((action) => (action.reason ? [action.reason] : []));
  const matched = trace.filter((rule) => rule.matched).length;
  return (
    <div className={`${classes.box} sb-scroll`} data-autofocus tabIndex={-1}>
      <p className={classes.summary}>
        {triggerWords(data.trigger.event)}{" "}
        {trace.length > 0 &&
          `${trace.length === 1 ? "One rule was" : `${trace.length} rules were`} looked at, ${matched} matched.`}
      </p>
      {reasons.map((reason) => (
        <p key={reason} className={classes.reason}>
          {reason}
        </p>
      ))}
      {data.waiting && <p className={classes.reason}>{data.waiting}</p>}
      <ol className={classes.rules}>
        {trace.map((rule) => (
          <RuleLine key={rule.rule_id} rule={rule} />
        ))}
      </ol>
    </div>
  );
}

function RuleLine({ rule }: { rule: RuleTrace }): ReactNode {
  return (
    <li data-matched={rule.matched || undefined}>
      <div className={classes.rule}>
        <Mark held={rule.matched} />
        <b>{rule.name}</b>
        <span className="sb-number">version {rule.version}</span>
      </div>
      {rule.conditions ? (
        <Group group={rule.conditions} top />
      ) : (
        <p className={classes.always}>Has no conditions: it always matches.</p>
      )}
      {rule.stopped && (
        <p className={classes.always}>It matched and says stop: later rules were not asked.</p>
      )}
    </li>
  );
}

function Group({ group, top }: { group: GroupTrace; top?: boolean }): ReactNode {
  return (
    <div className={classes.group}>
      {(!top || group.children.length > 1) && (
        <span className={classes.joined}>{JOINED_WORDS[group.joined]}</span>
      )}
      <ul>
        {group.children.map((child) => (
          <li key={child.place}>
            {"children" in child ? <Group group={child} /> : <Condition condition={child} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Condition({ condition }: { condition: ConditionTrace }): ReactNode {
  const { asked, seen } = conditionWords(condition);
  return (
    <span className={classes.condition}>
      <Mark held={condition.held} />
      <span>
        {asked}.<i>{seen}</i>
      </span>
    </span>
  );
}

function Mark({ held }: { held: boolean }): ReactNode {
  return (
    <span className={classes.mark} data-held={held || undefined}>
      {held ? <IconCheck size={14} aria-label="Yes" /> : <IconX size={14} aria-label="No" />}
    </span>
  );
}
