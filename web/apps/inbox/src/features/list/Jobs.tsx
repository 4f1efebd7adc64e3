import { IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import type { BulkFailure } from "@/api/lists";
import { dismissJob, jobs, resumeJobs, type ShownJob } from "@/data/bulk";
import { useMay } from "@/data/directory";
import { conversationQuery } from "@/data/timeline";
import { titleOf } from "@/lib/person";
import { usePlace } from "@/lib/place";
import { useStore } from "@/lib/store";
import { IconButton, TextButton } from "@/ui/Quiet";
import classes from "./Jobs.module.css";

/** Actions on many that run, and those that ended with something to tell. */
export default function Jobs(): ReactNode {
  const client = useQueryClient();
  const mayEdit = useMay("conversations.edit");
  useEffect(() => {
    // Not worth a word when it fails: the actions themselves go on.
    if (mayEdit) resumeJobs(client).catch(() => undefined);
  }, [client, mayEdit]);
  const shown = useStore(jobs, (state) => state.shown);
  return shown.map((each) => <Progress key={each.job.id} shown={each} />);
}

function Progress({ shown }: { shown: ShownJob }): ReactNode {
  const { job, doing } = shown;
  const running = job.state === "running";
  const words = `${doing} ${job.done.toLocaleString()} of ${job.total.toLocaleString()}`;
  return (
    <section className={classes.job} aria-label={running ? doing : "Not all could be changed"}>
      {running && (
        <>
          <span className="sb-number">{words}</span>
          <progress aria-label={words} max={job.total} value={job.done} />
        </>
      )}
      {job.failed > 0 && <Failures shown={shown} />}
    </section>
  );
}

const AT_FIRST = 3;

/** Each that could not be changed, by name, with the reason; those with the same reason together. */
function Failures({ shown }: { shown: ShownJob }): ReactNode {
  const { job, names } = shown;
  const [all, setAll] = useState(false);
  const listed = all ? job.failures : job.failures.slice(0, AT_FIRST);
  const more = job.failed - listed.length;
  return (
    <div role="alert" className={classes.failures}>
      <header>
        <strong>
          {job.failed === 1
            ? "1 could not be changed"
            : `${job.failed.toLocaleString()} could not be changed`}
        </strong>
        {job.state === "finished" && (
          <IconButton label="Dismiss" onClick={() => dismissJob(job.id)}>
            <IconX size={14} />
          </IconButton>
        )}
      </header>
      <ul>
        {listed.map((each) => (
          <Failed key={each.conversation_id} failure={each} name={names.get(each.conversation_id)} />
        ))}
      </ul>
      {!all && job.failures.length > listed.length && (
        <TextButton onClick={() => setAll(true)}>
          Show {(job.failures.length - listed.length).toLocaleString()} more
        </TextButton>
      )}
      {all && more > 0 && <p>And {more.toLocaleString()} more.</p>}
    </div>
  );
}

/** By the name that it had on the screen; of one that was not, by what can be read of it now. */
function Failed({ failure, name }: { failure: BulkFailure; name: string | undefined }): ReactNode {
  const place = usePlace();
  const id = failure.conversation_id;
  const { data } = useQuery({ ...conversationQuery(id), enabled: name === undefined, retry: false });
  return (
    <li>
      <TextButton onClick={() => place.open(id)} className="sb-truncate">
        {name ?? (data ? titleOf(data.head) : "A conversation that is not yours to see")}
      </TextButton>
      <span>{failure.message}</span>
    </li>
  );
}
