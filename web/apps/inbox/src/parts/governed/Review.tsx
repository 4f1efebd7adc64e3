import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Governed } from "@/api/governed";
import { type Kind, versionsQuery } from "@/data/governed";
import { diffLines, type Line } from "@/lib/lines";
import type { SectionProps } from "@/lib/settings";
import { shownVersions, viewOf } from "@/lib/versions";
import { type Back, Section } from "@/parts/settings/Section";
import { Waits } from "@/parts/settings/Waits";
import { VersionList } from "@/parts/versions/VersionList";
import { Comparison } from "./Comparison";
import classes from "./governed.module.css";
import { History } from "./History";
import { Standing } from "./Standing";
import { StateBadge } from "./StateBadge";

export type Named = Governed & { name: string };

interface ReviewProps<T extends Named> {
  kind: Kind;
  id: string;
  view: string | null;
  /** A version in words. */
  linesOf: (version: T) => Line[];
  /** Write what a version says as the newest draft. */
  restore: (version: T, latest: T) => Promise<void>;
  back: Back;
  /** Where the next version is written; null: by others. */
  edit: (() => void) | null;
  open: SectionProps["open"];
}

/** One governed thing: where it stands, what is new in it, all its versions, and what happened. */
export function Review<T extends Named>(props: ReviewProps<T>): ReactNode {
  const { kind, id, view, linesOf, restore, back, edit, open } = props;
  const { data: versions, error } = useQuery(versionsQuery<T>(kind, id));
  const latest = versions?.[0];
  if (!versions || !latest) return <Waits title="Versions" error={error} back={back} />;
  const { published } = latest.standing;
  const shown = shownVersions(
    view,
    versions.map(({ version }) => version),
    published,
  );
  const lines = (version: number | null): Line[] => {
    const found = versions.find((each) => each.version === version);
    return found ? linesOf(found) : [];
  };
  const version = versions.find((each) => each.version === shown?.version);
  const isRetired = latest.standing.state === "retired";
  return (
    <Section
      title={latest.name}
      back={back}
      actions={
        edit &&
        !isRetired && (
          <Button variant="default" onClick={edit}>
            Edit
          </Button>
        )
      }
    >
      <Standing kind={kind} one={latest} />
      {shown && version ? (
        <Comparison
          kind={kind}
          version={version}
          latest={latest}
          against={shown.against}
          others={versions.map((each) => each.version).filter((each) => each !== shown.version)}
          lines={[lines(shown.against), lines(shown.version)]}
          compare={(against) => open(id, viewOf({ ...shown, against }))}
          restore={() => restore(version, latest)}
        />
      ) : (
        <p role="alert">There is no such version.</p>
      )}
      <VersionList
        versions={versions.map((each) => ({
          ...each,
          mark: <VersionMark one={each} latest={latest} />,
          about: aboutOf(lines(each.version - 1), lines(each.version)),
        }))}
        chosen={shown?.version ?? 0}
        choose={(chosen) => open(id, `v${chosen}`)}
      />
      <History kind={kind} id={id} />
    </Section>
  );
}

/** Whether a version is in force, and for whom; else what became of it. */
function VersionMark({ one, latest }: { one: Named; latest: Named }): ReactNode {
  const { published, before } = latest.standing;
  if (one.version === published) return <span className={classes.badge}>In force</span>;
  if (one.version === before) return <span className={classes.badge}>For the others</span>;
  return <StateBadge standing={one.standing} />;
}

/** "If, Then": which parts a version changed. */
function aboutOf(before: readonly Line[], after: readonly Line[]): string {
  if (before.length === 0) return "Made";
  const changed = diffLines(before, after).filter(({ kind }) => kind !== "same");
  const parts = changed.map((each) => (each.kind === "changed" ? each.after : each.line).part);
  return [...new Set(parts)].join(", ") || "Nothing changed";
}
