import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { RuleSchema } from "@/api/rules";
import { useMay } from "@/data/directory";
import { RULES } from "@/data/governed";
import { type KeptRule, saveRule } from "@/data/rules";
import { draftOf, linesOfRule } from "@/lib/rules/draft";
import type { SectionProps } from "@/lib/settings";
import { useNaming } from "@/parts/conditions/useNaming";
import { Review } from "@/parts/governed/Review";
import { toast } from "@/ui/toast";

interface RuleVersionsProps {
  id: string;
  schema: RuleSchema;
  view: string | null;
  open: SectionProps["open"];
}

/** A rule with all its versions, also one that is retired. */
export function RuleVersions({ id, schema, view, open }: RuleVersionsProps): ReactNode {
  const client = useQueryClient();
  const naming = useNaming(schema);
  const mayWrite = useMay("rules.write");
  return (
    <Review<KeptRule>
      kind={RULES}
      id={id}
      view={view}
      linesOf={(version) => linesOfRule(version, naming)}
      restore={async (version, latest) => {
        await saveRule(client, id, draftOf(version), latest.version, false);
        toast(`Version ${version.version} is the newest draft`);
        open(id, "versions");
      }}
      back={{ label: "All rules", go: () => open(null) }}
      edit={mayWrite ? () => open(id) : null}
      open={open}
    />
  );
}
