import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Policy } from "@/api/sla";
import { useMay } from "@/data/directory";
import { POLICIES } from "@/data/governed";
import { calendarsQuery, policySchemaQuery, savePolicy } from "@/data/sla";
import type { SectionProps } from "@/lib/settings";
import { useNaming } from "@/parts/conditions/useNaming";
import { Review } from "@/parts/governed/Review";
import { toast } from "@/ui/toast";
import { linesOfPolicy } from "./policy-lines";
import { readPolicy } from "./read-policy";

interface PolicyVersionsProps {
  id: string;
  view: string | null;
  open: SectionProps["open"];
}

/** A policy with all its versions, also one that is retired. */
export function PolicyVersions({ id, view, open }: PolicyVersionsProps): ReactNode {
  const client = useQueryClient();
  const { data: asking } = useQuery(policySchemaQuery);
  const { data: calendars } = useQuery(calendarsQuery);
  const naming = useNaming(asking);
  const mayWrite = useMay("rules.write");
  const calendar = (wanted: string): string => calendars?.find((each) => each.id === wanted)?.name ?? wanted;
  return (
    <Review<Policy>
      kind={POLICIES}
      id={id}
      view={view}
      linesOf={(version) => linesOfPolicy(version, naming, calendar)}
      restore={async (version, latest) => {
        await savePolicy(client, id, readPolicy(version), latest.version, false);
        toast(`Version ${version.version} is the newest draft`);
        open(id, "versions");
      }}
      back={{ label: "All policies", go: () => open(null) }}
      edit={mayWrite ? () => open(id) : null}
      open={open}
    />
  );
}
