import { IconRadar2, IconTicket } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { TicketType } from "@/api/tickets";
import { useNames } from "@/data/directory";
import { spanWords } from "@/lib/sla";
import classes from "./forms.module.css";

const HOUR_S = 3600;

/** Who works on a type and by when: "Billing · due in 24 h"; empty when neither is said. */
export function useWhoAndWhen(): (type: TicketType) => string {
  const names = useNames();
  return ({ team_id, due_hours }) =>
    [names.team(team_id)?.name, due_hours && `due in ${spanWords(due_hours * HOUR_S)}`]
      .filter(Boolean)
      .join(" · ");
}

/** What can be asked for, before anything else is. */
export function TypeTiles({
  types,
  choose,
}: {
  types: readonly TicketType[];
  choose: (id: string) => void;
}): ReactNode {
  const whoAndWhen = useWhoAndWhen();
  if (types.length === 0) {
    return <p className={classes.none}>There are no ticket types yet. An admin adds them in the settings.</p>;
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a legend stands in no grid
    <div role="group" aria-label="Type" className={classes.tiles}>
      {types.map((type, index) => (
        <button
          key={type.type_id}
          type="button"
          data-autofocus={index === 0 || undefined}
          onClick={() => choose(type.type_id)}
        >
          <span style={{ color: type.color }}>
            {type.kind === "tracker" ? <IconRadar2 size={18} /> : <IconTicket size={18} />}
          </span>
          <span>
            <b>
              <bdi>{type.name}</bdi>
            </b>
            <small>
              {[type.kind === "tracker" && "Many report it", whoAndWhen(type)].filter(Boolean).join(" · ")}
            </small>
          </span>
        </button>
      ))}
    </div>
  );
}
