import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { directoryQuery } from "@/data/directory";
import type { AppMade } from "@/data/settings";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { Waits } from "@/parts/settings/Waits";
import { AppForm } from "./AppForm";
import { Gone } from "./Gone";

/** What other systems show beside conversations. */
export default function Apps({ item, open }: SectionProps): ReactNode {
  const { data, error } = useQuery(directoryQuery);
  const [made, setMade] = useState<AppMade | null>(null);
  if (!data) return <Waits title="Apps" error={error} />;
  const show = (next: AppMade): void => {
    setMade(next);
    open(next.app.app_id);
  };
  if (item !== null) {
    const found = data.apps.find((each) => each.app_id === item);
    if (!found && item !== "new") return <Gone title="Apps" what="app" open={open} />;
    const secret = made?.app.app_id === item ? made.secret : null;
    return (
      <AppForm
        key={item}
        app={found}
        apps={data.apps}
        {...{ secret, show, open }}
        kept={() => setMade(null)}
      />
    );
  }
  return (
    <Section
      title="Apps"
      hint="What your own systems know about a customer, beside each conversation: a page of theirs, or a card that their server fills. Agents pin and order them."
      actions={<Button onClick={() => open("new")}>Add an app</Button>}
    >
      {data.apps.length > 0 ? (
        <Lines label="Apps">
          {data.apps.map((each) => (
            <Line
              key={each.app_id}
              name={each.name}
              about={each.url}
              end={each.active ? (each.kind === "card" ? "Card" : "Page") : "Off"}
              quiet={!each.active}
              open={() => open(each.app_id)}
            />
          ))}
        </Lines>
      ) : (
        <p className={classes.nothing}>No apps yet, such as the orders in your shop.</p>
      )}
    </Section>
  );
}
