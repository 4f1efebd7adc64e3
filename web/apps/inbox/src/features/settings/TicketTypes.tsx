import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { TicketType } from "@/api/tickets";
import { directoryQuery, useNames } from "@/data/directory";
import type { SectionProps } from "@/lib/settings";
import { Line, Lines, Section } from "@/parts/settings/Section";
import classes from "@/parts/settings/settings.module.css";
import { Waits } from "@/parts/settings/Waits";
import { Gone } from "./Gone";
import { TicketTypeForm } from "./TicketTypeForm";

/** The kinds of back-office tickets and trackers, each with its form. */
export default function TicketTypes({ item, open }: SectionProps): ReactNode {
  const names = useNames();
  const { data, error } = useQuery(directoryQuery);
  if (!data) return <Waits title="Ticket types" error={error} />;
  if (item !== null) {
    const found = data.ticket_types.find((each) => each.type_id === item);
    if (!found && item !== "new") return <Gone title="Ticket types" what="ticket type" open={open} />;
    return <TicketTypeForm key={item} type={found} types={data.ticket_types} open={open} />;
  }
  const about = (type: TicketType): string =>
    [
      type.kind === "tracker" ? "Tracker" : null,
      `${type.fields.length} ${type.fields.length === 1 ? "field" : "fields"}`,
      type.team_id && names.teamName(type.team_id),
      type.one_per.length > 0 &&
        `One per ${type.one_per.map((id) => type.fields.find((f) => f.id === id)?.label ?? id).join(" + ")}`,
      type.due_hours && `Due in ${type.due_hours} h`,
    ]
      .filter(Boolean)
      .join(" · ");
  const sorted = [...data.ticket_types].sort(
    (a, b) => Number(b.active) - Number(a.active) || a.name.localeCompare(b.name),
  );
  return (
    <Section
      title="Ticket types"
      hint="What other teams are asked to do, each with a form, a team and a due time."
      actions={<Button onClick={() => open("new")}>Add a ticket type</Button>}
    >
      {sorted.length > 0 ? (
        <Lines label="Ticket types">
          {sorted.map((type) => (
            <Line
              key={type.type_id}
              mark={
                <i style={{ width: 10, height: 10, flex: "none", borderRadius: 3, background: type.color }} />
              }
              name={type.name}
              about={about(type)}
              end={type.active ? null : "Retired"}
              quiet={!type.active}
              open={() => open(type.type_id)}
            />
          ))}
        </Lines>
      ) : (
        <p className={classes.nothing}>No ticket types yet, such as refunds or quality reports.</p>
      )}
    </Section>
  );
}
