import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import { dashboardQuery } from "@/data/dashboard";
import { TextButton } from "@/ui/Quiet";
import { Agents } from "./Agents";
import classes from "./dashboard.module.css";
import { History } from "./History";
import { Late } from "./Late";
import { Places } from "./Places";
import { Tiles } from "./Tiles";

/** Who has what, what is late, and what was done today; live. */
export function Dashboard(): ReactNode {
  const { data: known, error, refetch } = useQuery(dashboardQuery);
  const refused = error instanceof ApiError && error.status === 403;
  // Who may not see it any more is not left with the last figures.
  const data = refused ? undefined : known;
  const [ofAgent, setOfAgent] = useState<string | null>(null);
  return (
    <main className={`${classes.page} sb-scroll`} aria-label="Dashboard">
      <header className={classes.head}>
        <h1>Dashboard</h1>
      </header>
      {error && !data && (
        <div role="alert" className={classes.no}>
          <h2>{refused ? "The dashboard is for team leads" : "The dashboard didn’t come"}</h2>
          <p>{sentenceOf(error)}</p>
          {!refused && <TextButton onClick={() => void refetch()}>Try again</TextButton>}
        </div>
      )}
      {!data && !error && <Loading />}
      {data && (
        <>
          <Tiles found={data} />
          <div className={classes.columns}>
            <div>
              <Agents agents={data.agents} openHistory={setOfAgent} />
              <Places found={data} />
            </div>
            <Late late={data.late} targets={data.targets} />
          </div>
          <p className={classes.quiet}>
            Today is each brand’s own day. Times are the middle one of all; point at one for more.
          </p>
        </>
      )}
      <History agentId={ofAgent} close={() => setOfAgent(null)} />
    </main>
  );
}

function Loading(): ReactNode {
  return (
    <div className={classes.loading} role="status" aria-label="Loading">
      {["a", "b", "c"].map((each) => (
        <span key={each} />
      ))}
    </div>
  );
}
