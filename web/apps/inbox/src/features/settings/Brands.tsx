import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { directoryQuery } from "@/data/directory";
import { showHandle } from "@/lib/person";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { Waits } from "@/parts/settings/Waits";
import { BrandDot } from "@/ui/Brand";
import { BrandForm } from "./BrandForm";
import { Gone } from "./Gone";

/** The brands that customers write to. */
export default function Brands({ item, open }: SectionProps): ReactNode {
  const { data, error } = useQuery(directoryQuery);
  if (!data) return <Waits title="Brands" error={error} />;
  if (item !== null) {
    const brand = data.brands.find((each) => each.brand_id === item);
    if (!brand && item !== "new") return <Gone title="Brands" what="brand" open={open} />;
    return <BrandForm key={item} brand={brand} brands={data.brands} open={open} />;
  }
  const sorted = [...data.brands].sort(
    (a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name),
  );
  return (
    <Section
      title="Brands"
      hint="Who your customers write to: mailboxes, phone lines, topics and the messenger."
      actions={<Button onClick={() => open("new")}>Add a brand</Button>}
    >
      {sorted.length > 0 ? (
        <Lines label="Brands">
          {sorted.map((brand) => (
            <Line
              key={brand.brand_id}
              mark={<BrandDot brand={brand} size={10} />}
              name={brand.name}
              about={[...brand.addresses.map(({ address }) => address), ...brand.lines.map(showHandle)].join(
                " · ",
              )}
              end={brand.active ? null : "Retired"}
              quiet={!brand.active}
              open={() => open(brand.brand_id)}
            />
          ))}
        </Lines>
      ) : (
        <p className={classes.nothing}>No brands yet. Mail arrives once a brand has an address.</p>
      )}
    </Section>
  );
}
