import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useMay } from "@/data/directory";
import { ruleSchemaQuery, rulesQuery } from "@/data/rules";
import type { SectionProps } from "@/lib/settings";
import { Section } from "@/parts/settings/Section";
import { useKept } from "@/parts/settings/useKept";
import { Waits } from "@/parts/settings/Waits";
import { RuleForm } from "./RuleForm";
import { RuleList } from "./RuleList";
import { RuleVersions } from "./RuleVersions";

/** What happens by itself: rules in the order in which they are asked. */
export default function Rules({ item, view, open }: SectionProps): ReactNode {
  const { data: rules, error } = useQuery(rulesQuery);
  const { data: schema, error: noSchema } = useQuery(ruleSchemaQuery);
  const mayWrite = useMay("rules.write");
  const rule = useKept(
    rules?.find((each) => each.id === item),
    item,
  );
  if (!rules || !schema) return <Waits title="Rules" error={error ?? noSchema} />;
  if (item === null) return <RuleList rules={rules} schema={schema} open={open} />;
  if (view !== null || (rule && !mayWrite)) {
    return <RuleVersions key={item} id={item} schema={schema} view={view} open={open} />;
  }
  if (!rule && item !== "new") {
    return (
      <Section title="Rules" back={{ label: "All rules", go: () => open(null) }}>
        <p role="alert">There is no such rule in use. It may have been retired.</p>
      </Section>
    );
  }
  return <RuleForm key={item} rule={rule} schema={schema} open={open} />;
}
