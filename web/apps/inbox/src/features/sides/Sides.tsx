import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Side } from "@/api/beside";
import type { Head } from "@/api/types";
import { useMay } from "@/data/directory";
import { desk } from "@/lib/desk";
import { Card } from "@/parts/Card";
import { Ago } from "@/ui/Ago";
import { TextButton } from "@/ui/Quiet";
import classes from "./sides.module.css";

/** In the details: the side conversations there are, and the way to another. */
export default function Sides({ head }: { head: Head }): ReactNode {
  const mayReply = useMay("conversations.reply");
  const open = (sideId: string | null): void =>
    desk.set({ side: { conversationId: head.id, sideId }, detailsDrawer: false });
  return (
    <Card name="Side conversations">
      {head.sides.length === 0 && (
        <p className={classes.none}>
          Ask a warehouse, a vendor or a colleague by email. The customer never sees it.
        </p>
      )}
      <ul className={classes.list}>
        {head.sides.map((side) => (
          <li key={side.id}>
            <button type="button" className={classes.row} onClick={() => open(side.id)}>
              <bdi className="sb-truncate">{side.subject}</bdi>
              <Ago at={side.last_at} className="sb-number" />
              <small className="sb-truncate" data-answered={side.last_from === "them" || undefined}>
                {standing(side)}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {mayReply && (
        <TextButton onClick={() => open(null)}>
          <IconPlus size={14} /> New side conversation
        </TextButton>
      )}
    </Card>
  );
}

function standing(side: Side): string {
  const first = side.to[0];
  const who = first?.name || first?.address || "Nobody";
  return side.last_from === "them" ? `${who} answered` : `Waiting for ${who}`;
}
