import { Button, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import { act, type Kind, useWho } from "@/data/governed";
import { diffLines, type Line } from "@/lib/lines";
import { ConfirmButton } from "@/parts/settings/ConfirmButton";
import { LinesDiff } from "@/parts/versions/LinesDiff";
import classes from "@/parts/versions/versions.module.css";
import { toast } from "@/ui/toast";
import type { Named } from "./Review";

interface ComparisonProps {
  kind: Kind;
  version: Named;
  latest: Named;
  /** What it is compared with; null: nothing. */
  against: number | null;
  /** The other versions there are. */
  others: readonly number[];
  /** The one and the other in words. */
  lines: [Line[], Line[]];
  compare: (against: number) => void;
  restore: () => Promise<void>;
}

/** A version beside another one, and the way back to it. */
export function Comparison(props: ComparisonProps): ReactNode {
  const { kind, version, latest, against, others, lines, compare, restore } = props;
  const who = useWho(kind);
  const [before, after] = lines;
  const title = against ? `From version ${against} to ${version.version}` : `Version ${version.version}`;
  const isLatest = version.version === latest.version;
  const wasInForce = ["replaced", "retired"].includes(version.standing.state);
  return (
    <>
      <div className={classes.head}>
        <h2>{title}</h2>
        {others.length > 0 && (
          <Select
            aria-label="Compared with"
            size="xs"
            allowDeselect={false}
            placeholder="Compare with…"
            data={others.map((each) => ({ value: String(each), label: `Version ${each}` }))}
            value={against ? String(against) : null}
            onChange={(value) => value && compare(Number(value))}
          />
        )}
        {wasInForce && who.mayPublish && <RollBack kind={kind} version={version} latest={latest} />}
        {(!isLatest || latest.standing.state === "retired") && who.mayWrite && <Restore restore={restore} />}
      </div>
      <LinesDiff label={title} lines={diffLines(against ? before : after, after)} />
    </>
  );
}

function RollBack({
  kind,
  version,
  latest,
}: Pick<ComparisonProps, "kind" | "version" | "latest">): ReactNode {
  const client = useQueryClient();
  const number = version.version;
  return (
    <ConfirmButton
      label="Roll back to it…"
      title={`Roll back to version ${number}?`}
      confirm="Roll back"
      run={async () => {
        const rationale = `Rolled back to version ${number}`;
        await act(client, kind, latest, "rollback", { version: number, rationale });
        toast(`“${version.name}” is as it was in version ${number}`);
      }}
    >
      <p>
        What version {number} says is in force for everybody at once, as version {latest.version + 1}. It was
        approved then.
      </p>
    </ConfirmButton>
  );
}

function Restore({ restore }: Pick<ComparisonProps, "restore">): ReactNode {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await restore().catch((error: unknown) => toast(sentenceOf(error), undefined, "error"));
    setBusy(false);
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void run()}>
      Make it a draft
    </Button>
  );
}
