import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Attribute } from "@/api/contacts";
import { directoryQuery, useNames } from "@/data/directory";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { Waits } from "@/parts/settings/Waits";
import { AttributeForm } from "./AttributeForm";
import { typeName } from "./field-types";
import { Gone } from "./Gone";

const GROUPS = [
  { of: "contact", name: "Of contacts" },
  { of: "conversation", name: "Of conversations" },
] as const;

/** Fields of their own that a desk gives its contacts and conversations. */
export default function Attributes({ item, open }: SectionProps): ReactNode {
  const { data, error } = useQuery(directoryQuery);
  if (!data) return <Waits title="Attributes" error={error} />;
  if (item !== null) {
    const found = data.attributes.find((each) => each.attribute_id === item);
    if (!found && item !== "new") return <Gone title="Attributes" what="attribute" open={open} />;
    return <AttributeForm key={item} attribute={found} attributes={data.attributes} open={open} />;
  }
  return (
    <Section
      title="Attributes"
      hint="Fields of your own on contacts and conversations. Agents fill them in; rules and segments read them."
      actions={<Button onClick={() => open("new")}>Add an attribute</Button>}
    >
      {data.attributes.length === 0 && (
        <p className={classes.nothing}>No attributes yet, such as a loyalty level or an order number.</p>
      )}
      {GROUPS.map(({ of, name }) => (
        <Group
          key={of}
          name={name}
          open={open}
          attributes={data.attributes.filter((a) => a.applies_to === of)}
        />
      ))}
    </Section>
  );
}

interface GroupProps {
  name: string;
  attributes: Attribute[];
  open: SectionProps["open"];
}

function Group({ name, attributes, open }: GroupProps): ReactNode {
  const names = useNames();
  if (attributes.length === 0) return null;
  const about = (each: Attribute): string =>
    [
      each.type === "choice" ? each.options.join(", ") : typeName(each.type),
      each.required && "Required",
      each.brand_ids.map((id) => names.brand(id)?.name ?? id).join(", "),
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <>
      <h2 className={classes.group}>{name}</h2>
      <Lines label={name}>
        {attributes.map((each) => (
          <Line
            key={each.attribute_id}
            name={each.label}
            about={about(each)}
            end={each.active ? null : "Retired"}
            quiet={!each.active}
            open={() => open(each.attribute_id)}
          />
        ))}
      </Lines>
    </>
  );
}
