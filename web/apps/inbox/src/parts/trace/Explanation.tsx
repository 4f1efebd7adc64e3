import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import type { RuleTrace } from "@/api/traces";
import { decisionQuery } from "@/data/decisions";
import { useMay } from "@/data/directory";
import { fullTime } from "@/lib/time";
import { Later } from "@/ui/Later";
import { GroupOfTrace, Mark } from "./Trace";
import classes from "./Why.module.css";
import { triggerWords } from "./why-words";

/** What a decision came of: the rules that were looked at, which matched, and the values they saw. */
export default function Explanation({ decisionId }: { decisionId: string }): ReactNode {
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
        {triggerWords(data.trigger.event, data.trigger.after)}{" "}
        {trace.length > 0 &&
          `${trace.length === 1 ? "One rule was" : `${trace.length} rules were`} looked at, ${matched} matched.`}
      </p>
      {reasons.map((reason) => (
        <p key={reason} className={classes.reason}>
          {reason}
        </p>
      ))}
      {data.waiting && <p className={classes.reason}>{data.waiting}</p>}
      {data.waits.map(({ rule, due_at }) => (
        <p key={rule.id} className={classes.reason}>
          “{rule.name}” waits until {fullTime(due_at)} and is asked again then.
        </p>
      ))}
      {data.crowded.map((rule) => (
        <p key={rule.id} className={classes.reason}>
          “{rule.name}” does not wait: too many rules wait on this conversation already.
        </p>
      ))}
      {data.spam && !reasons.some((reason) => reason.startsWith("Spam score")) && (
        <p className={classes.reason}>
          Spam score {data.spam.score.toFixed(2)}. {data.spam.reasons.join(" ")}
        </p>
      )}
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
        <VersionOf rule={rule} />
      </div>
      {rule.conditions ? (
        <GroupOfTrace group={rule.conditions} top />
      ) : (
        <p className={classes.always}>Has no conditions: it always matches.</p>
      )}
      {rule.stopped && (
        <p className={classes.always}>It matched and says stop: later rules were not asked.</p>
      )}
    </li>
  );
}

/** Which version it was; for who may see rules, it leads there. */
function VersionOf({ rule }: { rule: RuleTrace }): ReactNode {
  const words = `version ${rule.version}`;
  if (!useMay("rules.read")) return <span className="sb-number">{words}</span>;
  const params = { section: "rules", item: rule.rule_id, view: `v${rule.version}` };
  return (
    <Link className="sb-number" to="/settings/$section/$item/$view" params={params}>
      {words}
    </Link>
  );
}
