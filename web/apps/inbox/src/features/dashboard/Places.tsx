import { type ReactNode, useState } from "react";
import type { Dashboard, Durations, OfPlace } from "@/api/dashboard";
import { useNames } from "@/data/directory";
import { useNow } from "@/ui/Ago";
import { Count } from "./Count";
import classes from "./dashboard.module.css";
import own from "./tables.module.css";
import { KINDS, type Kind, narrowingOf, newWords, placeName, since, typical, worthALine } from "./words";

/** The same figures by team, brand or channel. */
export function Places({ found }: { found: Dashboard }): ReactNode {
  const [kind, setKind] = useState<Kind>("teams");
  return (
    <section className={classes.block} aria-label="Teams, brands and channels">
      <fieldset className={classes.kinds} aria-label="By">
        {(Object.keys(KINDS) as Kind[]).map((each) => (
          <button key={each} type="button" aria-pressed={each === kind} onClick={() => setKind(each)}>
            {KINDS[each]}
          </button>
        ))}
      </fieldset>
      <div className={own.wide}>
        <table className={own.table}>
          <thead>
            <tr>
              <th scope="col">{KINDS[kind]}</th>
              <th scope="col">Open</th>
              <th scope="col">Waiting</th>
              <th scope="col">Unassigned</th>
              <th scope="col" className={own.more}>
                Longest
              </th>
              <th scope="col" className={own.more}>
                New
              </th>
              <th scope="col" className={own.more}>
                Replies
              </th>
              <th scope="col" className={own.more}>
                Closed
              </th>
              <th scope="col" className={own.more}>
                First response
              </th>
              <th scope="col" className={own.more}>
                Resolution
              </th>
            </tr>
          </thead>
          <tbody>
            {worthALine(kind, found[kind]).map((one) => (
              <Line key={one.id} kind={kind} one={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Line({ kind, one }: { kind: Kind; one: OfPlace }): ReactNode {
  const now = useNow();
  const name = placeName(kind, one.id, useNames());
  const here = narrowingOf(kind, one.id);
  return (
    <tr>
      <th scope="row" className="sb-truncate" title={name}>
        {name}
      </th>
      <td>
        <Count count={one.now.open} what={`open, ${name}`} search={here} />
      </td>
      <td data-alert={one.now.waiting > 0 || undefined}>
        <Count count={one.now.waiting} what={`waiting, ${name}`} search={here} />
      </td>
      <td>
        <Count
          count={one.unassigned.open}
          what={`unassigned, ${name}`}
          search={{ ...here, assignee: "none" }}
        />
      </td>
      <td className={own.more}>{one.now.oldest_waiting ? since(one.now.oldest_waiting, now) : ""}</td>
      <td className={own.more}>{newWords(kind, one)}</td>
      <td className={own.more}>{one.today.replies.toLocaleString()}</td>
      <td className={own.more}>{one.today.closed.toLocaleString()}</td>
      <Times times={one.today.first_response} />
      <Times times={one.today.resolution} />
    </tr>
  );
}

function Times({ times }: { times: Durations }): ReactNode {
  const { short, long } = typical(times);
  return (
    <td className={own.more} title={long}>
      {short}
    </td>
  );
}
