import type { ReactNode } from "react";
import classes from "./Tick.module.css";

interface TickProps {
  id: string;
  name: string;
  chosen: boolean;
  choose: (id: string, stretch: boolean) => void;
}

/** The box that chooses a row; with shift, everything from the last one chosen up to here. */
export function Tick({ id, name, chosen, choose }: TickProps): ReactNode {
  return (
    <input
      type="checkbox"
      className={classes.tick}
      aria-label={`Choose the conversation with ${name}`}
      checked={chosen}
      onChange={() => undefined}
      onClick={(event) => {
        event.stopPropagation();
        choose(id, event.shiftKey);
      }}
    />
  );
}
