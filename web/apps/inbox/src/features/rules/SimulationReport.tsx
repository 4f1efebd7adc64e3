import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import type { NotSimulated, Simulation, SimulationExample } from "@/api/tries";
import { showHandle } from "@/lib/person";
import { allDecided } from "@/lib/rules/decided";
import { eventLabel } from "@/lib/rules/events";
import { leafWords, type Naming } from "@/lib/rules/words";
import { GroupOfTrace, Mark } from "@/parts/trace/Trace";
import { Ago } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import classes from "./simulation.module.css";

const counted = new Intl.NumberFormat();
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

/** What came of a simulation: how many would differ, by which rules, and examples. */
export function SimulationReport({ report, naming }: { report: Simulation; naming: Naming }): ReactNode {
  const { read, differ } = report;
  return (
    <>
      <p role="status" className={classes.sum}>
        {read === 0 ? (
          "There are no conversations to simulate yet."
        ) : (
          <>
            <b className="sb-number">{counted.format(differ)}</b> of {counted.format(read)} conversations
            would have gone otherwise ({share.format(differ / read)}).
          </>
        )}
      </p>
      {report.not_simulated.map((each) => (
        <p key={each.id} role="note">
          “<bdi>{each.name}</bdi>” {notSimulated(each)}
        </p>
      ))}
      {report.by_rule.length > 0 && (
        <table className={classes.rules}>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Matches now</th>
              <th scope="col">Would match</th>
            </tr>
          </thead>
          <tbody>
            {report.by_rule.map((each) => (
              <tr key={each.id}>
                <th scope="row" dir="auto">
                  {each.name}
                </th>
                <td className="sb-number">{counted.format(each.matched_before)}</td>
                <td className="sb-number">
                  {counted.format(each.matched)}
                  {each.matched !== each.matched_before && (
                    <i>{changeOf(each.matched - each.matched_before)}</i>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {report.examples.length > 0 && (
        <>
          <h3>{report.examples.length} examples</h3>
          <ul className={classes.examples} aria-label="Examples">
            {report.examples.map((each) => (
              <Example key={`${each.conversation_id} ${each.at}`} example={each} naming={naming} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

const NOT_SIMULATED: Record<NotSimulated["why"][number], string> = {
  waits: "waits before it acts, and what it does then is not simulated",
  time: "acts when time has passed, which is not simulated",
  clock: "acts at times of the clock, which is not simulated",
  availability: "asks who is there, which is not known of then: that condition held nothing",
  rollout: "is rolled out to some conversations only, and was simulated on all",
};

const notSimulated = ({ why }: NotSimulated): string =>
  `${why.map((each) => NOT_SIMULATED[each]).join("; it ")}.`;

const changeOf = (more: number): string => `${more > 0 ? "+" : "−"}${counted.format(Math.abs(more))}`;

function Example({ example, naming }: { example: SimulationExample; naming: Naming }): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <li>
      <p>
        <Link
          to="/inbox/$inbox/$conversationId"
          params={{ inbox: "all", conversationId: example.conversation_id }}
          target="_blank"
          dir="auto"
        >
          {example.title || "No subject"}
        </Link>
        <small dir="auto">
          {showHandle(example.customer)} · {eventLabel(example.event)} · <Ago at={example.at} />
        </small>
      </p>
      <dl>
        <dt>Now</dt>
        <dd>{allDecided(example.before, naming)}</dd>
        <dt>Then</dt>
        <dd>{allDecided(example.after, naming)}</dd>
      </dl>
      <TextButton aria-expanded={opened} onClick={() => setOpened(!opened)}>
        {opened ? "Hide why" : "Why?"}
      </TextButton>
      {opened &&
        example.trace.map((rule) => (
          <div key={`${rule.rule_id} ${rule.version}`} className={classes.why}>
            <span>
              <Mark held={rule.matched} /> <b dir="auto">{rule.name}</b>
            </span>
            {rule.conditions && (
              <GroupOfTrace group={rule.conditions} top asked={(each) => leafWords(each, naming)} />
            )}
          </div>
        ))}
    </li>
  );
}
