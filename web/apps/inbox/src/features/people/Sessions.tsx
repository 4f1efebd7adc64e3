import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { endOtherSessions, endSession, sessionsQuery } from "@/data/people";
import { Ago } from "@/ui/Ago";
import { toast } from "@/ui/toast";
import classes from "./people.module.css";
import { browserWords } from "./words";

/** Where one is signed in, and ending it there. */
export function Sessions(): ReactNode {
  const client = useQueryClient();
  const { data, error } = useQuery(sessionsQuery);
  const end = (work: Promise<void>, said: string): void => {
    work.then(
      () => toast(said),
      (refusal: unknown) => toast(sentenceOf(refusal), undefined, "error"),
    );
  };
  return (
    <div className={classes.card}>
      <h2>Where you are signed in</h2>
      {error && <p role="alert">{sentenceOf(error)}</p>}
      {data && (
        <ul className={classes.rows} aria-label="Sessions">
          {data.map((each) => (
            <li key={each.id}>
              <div>
                <b>{browserWords(each.browser)}</b>
                <small title={each.browser}>
                  {each.address} ·{" "}
                  {each.current ? (
                    "this browser"
                  ) : (
                    <>
                      last used <Ago at={each.last_used_at} />
                    </>
                  )}
                </small>
              </div>
              {!each.current && (
                <Button
                  variant="default"
                  onClick={() => end(endSession(client, each.id), "Signed out there")}
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {data && data.length > 1 && (
        <div className={classes.actions}>
          <Button
            variant="default"
            onClick={() => end(endOtherSessions(client), "Everywhere else you are signed out")}
          >
            Sign out everywhere else
          </Button>
        </div>
      )}
    </div>
  );
}
