import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { retiredRulesQuery } from "@/data/rules";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines } from "@/parts/settings/Section";
import { Ago } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";

/** Rules that are not in force any more; each can be again. Asked for when somebody wants to see them. */
export function Retired({ open }: Pick<SectionProps, "open">): ReactNode {
  const [opened, setOpened] = useState(false);
  const { data } = useQuery({ ...retiredRulesQuery, enabled: opened });
  return (
    <>
      <span>
        <TextButton aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {opened ? "Hide retired rules" : "Show retired rules"}
        </TextButton>
      </span>
      {opened && data && (
        <Lines label="Retired rules">
          {data.map((rule) => (
            <Line
              key={rule.id}
              name={rule.name}
              quiet
              end={<Ago at={rule.saved_at} />}
              open={() => open(rule.id, "versions")}
            />
          ))}
          {data.length === 0 && <li>No rule was retired.</li>}
        </Lines>
      )}
    </>
  );
}
