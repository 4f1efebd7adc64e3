import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { ContactActivities } from "@/api/contacts";
import { contactActivityQuery } from "@/data/activity";
import { useNames } from "@/data/directory";
import { valueWords } from "@/lib/contacts";
import { agoInWords, fullTime, momentLabel } from "@/lib/time";
import { Card } from "@/parts/Card";
import { useNow } from "@/ui/Ago";
import { BrandDot } from "@/ui/Brand";
import { TextButton } from "@/ui/Quiet";
import classes from "./contact.module.css";

const FIRST = 5;
const ALL = 100;

/** What a person did in the brands' products, newest first, those of their duplicates among it. */
export default function ProductActivity({ contactId }: { contactId: string }): ReactNode {
  return (
    <Card name="In the product">
      <Activities key={contactId} contactId={contactId} />
    </Card>
  );
}

function Activities({ contactId }: { contactId: string }): ReactNode {
  const [all, setAll] = useState(false);
  const now = useNow();
  const { data, isError, error, refetch } = useQuery(contactActivityQuery(contactId, all ? ALL : FIRST));
  if (isError) {
    return (
      <p className={classes.none} role="alert">
        {sentenceOf(error)} <TextButton onClick={() => void refetch()}>Try again</TextButton>
      </p>
    );
  }
  if (!data) return null;
  if (!data.last_seen_at)
    return <p className={classes.none}>Nothing is known of what they did in the last 90 days.</p>;
  return (
    <>
      <p className={classes.none}>Last seen {agoInWords(data.last_seen_at, now)}</p>
      <ul className={classes.did} aria-label="What they did in the product">
        {data.items.map((each) => (
          <Line key={each.id} each={each} now={now} />
        ))}
      </ul>
      {data.more && (
        <p className={classes.none}>
          {all ? (
            `Only the newest ${ALL} are shown.`
          ) : (
            <TextButton onClick={() => setAll(true)}>Show all</TextButton>
          )}
        </p>
      )}
    </>
  );
}

function Line({ each, now }: { each: ContactActivities["items"][number]; now: Date }): ReactNode {
  const names = useNames();
  const brand = names.brand(each.brand_id);
  const { name, at, attributes } = each.activity;
  const said = attributes.map((one) => `${one.name} ${valueWords(one.value)}`);
  return (
    <li>
      <bdi className="sb-truncate" title={name}>
        {name}
      </bdi>
      <time dateTime={at} title={fullTime(at)}>
        {momentLabel(at, now)}
      </time>
      <small>
        <BrandDot brand={brand} size={6} /> {[brand?.name, ...said].filter(Boolean).join(" · ")}
      </small>
    </li>
  );
}
