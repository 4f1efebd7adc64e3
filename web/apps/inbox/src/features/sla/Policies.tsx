import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Policy } from "@/api/sla";
import { useMay, useNames } from "@/data/directory";
import { POLICIES } from "@/data/governed";
import { policiesQuery } from "@/data/sla";
import type { SectionProps } from "@/lib/settings";
import { spanWords } from "@/lib/sla";
import { Retired } from "@/parts/governed/Retired";
import { StateBadge } from "@/parts/governed/StateBadge";
import { TermsButton } from "@/parts/governed/TermsButton";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { useKept } from "@/parts/settings/useKept";
import { Waits } from "@/parts/settings/Waits";
import { PolicyForm } from "./PolicyForm";
import { PolicyVersions } from "./PolicyVersions";

/** By when customers are answered and tickets resolved. */
export default function Policies({ item, view, open }: SectionProps): ReactNode {
  const { data, error } = useQuery(policiesQuery);
  const mayWrite = useMay("rules.write");
  const found = useKept(
    data?.find((each) => each.id === item),
    item,
  );
  if (!data) return <Waits title="SLA policies" error={error} />;
  if (item !== null) {
    if (view !== null || (found && !mayWrite)) {
      return <PolicyVersions key={item} id={item} view={view} open={open} />;
    }
    if (!found && item !== "new") {
      return (
        <Section title="SLA policies" back={{ label: "All policies", go: () => open(null) }}>
          <p role="alert">There is no such policy.</p>
        </Section>
      );
    }
    return <PolicyForm key={item} policy={found} policies={data} open={open} />;
  }
  return (
    <Section
      title="SLA policies"
      hint="By when customers are answered and tickets resolved. A conversation or a ticket is under the first policy that is for it; what has begun goes on by the version it began with."
      actions={
        <>
          <TermsButton kind={POLICIES} />
          {mayWrite && <Button onClick={() => open("new")}>Add a policy</Button>}
        </>
      }
    >
      {data.length === 0 && (
        <p className={classes.nothing}>No policies yet, such as an answer to VIPs within the hour.</p>
      )}
      <Lines label="Policies">
        {data.map((policy) => (
          <PolicyLine key={policy.id} policy={policy} open={open} />
        ))}
      </Lines>
      <Retired kind={POLICIES} open={open} />
    </Section>
  );
}

function PolicyLine({ policy, open }: { policy: Policy; open: SectionProps["open"] }): ReactNode {
  const names = useNames();
  const about = [
    policy.first_response_s && `First answer in ${spanWords(policy.first_response_s)}`,
    policy.next_response_s && `Next answer in ${spanWords(policy.next_response_s)}`,
    policy.close_s && `Closed in ${spanWords(policy.close_s)}`,
    policy.resolution_s && `Tickets resolved in ${spanWords(policy.resolution_s)}`,
    policy.brand_ids.map((id) => names.brand(id)?.name ?? id).join(", "),
  ];
  return (
    <Line
      name={policy.name}
      about={about.filter(Boolean).join(" · ")}
      end={policy.enabled ? <StateBadge standing={policy.standing} /> : "Off"}
      quiet={!policy.enabled}
      open={() => open(policy.id)}
    />
  );
}
