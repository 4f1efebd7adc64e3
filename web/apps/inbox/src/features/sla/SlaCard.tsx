import type { ReactNode } from "react";
import type { Head } from "@/api/types";
import { KIND_NAMES } from "@/lib/sla";
import { Card } from "@/parts/Card";
import { Field } from "@/parts/Field";
import { TargetDue } from "@/parts/sla/TargetDue";

/** The service level's targets that a conversation has still to reach. */
export default function SlaCard({ head }: { head: Head }): ReactNode {
  const targets = head.sla ?? [];
  if (targets.length === 0) return null;
  return (
    <Card name="Service level">
      {targets.map((target) => (
        <Field key={target.kind} label={KIND_NAMES[target.kind]}>
          <TargetDue target={target} />
        </Field>
      ))}
      <Field label="Policy">
        <span className="sb-truncate" dir="auto" title={`Version ${targets[0]?.policy.version}`}>
          {targets[0]?.policy.name}
        </span>
      </Field>
    </Card>
  );
}
