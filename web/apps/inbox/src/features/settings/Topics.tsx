import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { directoryQuery, useNames } from "@/data/directory";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { Waits } from "@/parts/settings/Waits";
import { Tags } from "./Tags";

/** What conversations can be about, brand by brand, and the tags that are in use. */
export default function Topics(): ReactNode {
  const navigate = useNavigate();
  const names = useNames();
  const { data, error } = useQuery(directoryQuery);
  if (!data) return <Waits title="Topics & tags" error={error} />;
  return (
    <Section
      title="Topics & tags"
      hint="A conversation has one topic, from its brand’s list, and any number of tags, which agents and rules make as they need them."
    >
      <h2 className={classes.group}>Topics by brand</h2>
      <Lines label="Topics by brand">
        {names.brands.map((brand) => (
          <Line
            key={brand.brand_id}
            name={brand.name}
            about={brand.topics.join(", ") || "No topics yet"}
            end={brand.topics.length}
            open={() =>
              void navigate({
                to: "/settings/$section/$item",
                params: { section: "brands", item: brand.brand_id },
              })
            }
          />
        ))}
      </Lines>
      <Tags />
    </Section>
  );
}
