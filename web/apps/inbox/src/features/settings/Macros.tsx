import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { macrosQuery } from "@/data/macros";
import { Line, Lines, Section } from "@/parts/settings/Section";

/** Where the texts are that agents write with. */
export default function Macros(): ReactNode {
  const navigate = useNavigate();
  const { data } = useQuery(macrosQuery);
  const count = data?.items.filter(({ macro }) => !macro.personal).length;
  return (
    <Section title="Macros" hint="Texts with variables and actions that agents answer with.">
      <Lines label="Macros">
        <Line
          name="Write and change macros"
          about={count === undefined ? null : `${count.toLocaleString()} that everybody or a team uses`}
          open={() => void navigate({ to: "/macros" })}
        />
      </Lines>
    </Section>
  );
}
