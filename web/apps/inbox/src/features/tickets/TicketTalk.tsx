import { type ReactNode, useState } from "react";
import type { TicketHead } from "@/api/tickets";
import { useMay } from "@/data/directory";
import { queue, unsentTo } from "@/data/undecided";
import { aboutTicket } from "@/lib/draft-place";
import { useStore } from "@/lib/store";
import { isStuck, type Unsent } from "@/lib/waiting";
import { UnsentList } from "@/parts/unsent/UnsentList";
import { TicketTimeline } from "./TicketTimeline";
import { type OpenBox, TicketWriting } from "./TicketWriting";

/** What happened to a ticket, what is said about it and waits to be sent, and where one says more. */
export function TicketTalk({ ticket, above }: { ticket: TicketHead; above?: ReactNode }): ReactNode {
  const waiting = useStore(queue, (state) => state.waiting);
  const [box, setBox] = useState<OpenBox>({ mode: "comment", restored: 0 });
  const mayWrite = useMay("tickets.write");
  const unsent = unsentTo(waiting, aboutTicket(ticket.id));
  const refused = unsent.filter(isStuck);
  const edited = ({ written }: Unsent): void =>
    setBox(({ restored }) => ({
      mode: written.mode === "update" ? "update" : "comment",
      restored: restored + 1,
    }));
  return (
    <>
      <TicketTimeline
        ticket={ticket}
        above={above}
        waiting={unsent.filter((entry) => !isStuck(entry))}
        takenBack={edited}
      />
      <TicketWriting
        ticket={ticket}
        box={box}
        open={(mode) => setBox({ mode, restored: 0 })}
        above={
          refused.length > 0 && (
            <UnsentList
              entries={refused}
              edited={mayWrite ? edited : null}
              thrownAway={() => setBox(({ mode, restored }) => ({ mode, restored: restored + 1 }))}
            />
          )
        }
      />
    </>
  );
}
