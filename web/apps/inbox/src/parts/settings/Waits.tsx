import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { sentenceOf } from "@/api/client";
import { Later } from "@/ui/Later";
import { type Back, Section } from "./Section";
import classes from "./settings.module.css";

/** A section whose content has not come yet, or did not. */
export function Waits({ title, error, back }: { title: string; error: unknown; back?: Back }): ReactNode {
  return (
    <Section title={title} {...(back && { back })}>
      {error ? (
        <p role="alert" className={classes.wrong}>
          {sentenceOf(error)}
        </p>
      ) : (
        <Later>
          <Skeleton height={52} />
          <Skeleton height={52} />
          <Skeleton height={52} />
        </Later>
      )}
    </Section>
  );
}
