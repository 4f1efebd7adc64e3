import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import { type Kind, retiredQuery } from "@/data/governed";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines } from "@/parts/settings/Section";
import { Ago } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";

interface RetiredProps {
  kind: Kind;
  open: SectionProps["open"];
}

/** Those that are not in force any more; each can be again. Asked for when somebody wants to see them. */
export function Retired({ kind, open }: RetiredProps): ReactNode {
  const [opened, setOpened] = useState(false);
  const { data, error } = useQuery({ ...retiredQuery(kind), enabled: opened });
  return (
    <>
      <span>
        <TextButton aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {opened ? "Hide" : "Show"} retired {kind.plural}
        </TextButton>
      </span>
      {opened && !data && error && <span role="alert">{sentenceOf(error)}</span>}
      {opened && data && (
        <Lines label={`Retired ${kind.plural}`}>
          {data.map((one) => (
            <Line
              key={one.id}
              name={one.name}
              quiet
              end={<Ago at={one.saved_at} />}
              open={() => open(one.id, "versions")}
            />
          ))}
          {data.length === 0 && <li>No {kind.words} was retired.</li>}
        </Lines>
      )}
    </>
  );
}
