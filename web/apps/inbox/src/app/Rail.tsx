import { IconInbox, IconKeyboard } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { desk } from "@/lib/desk";
import { IconButton } from "@/ui/Quiet";
import classes from "./Rail.module.css";

/** The narrow column at the very left: what the desk has, and oneself at its foot. */
export function Rail({ goInbox, foot }: { goInbox: () => void; foot: ReactNode }): ReactNode {
  return (
    <nav className={classes.rail} aria-label="Desk">
      <img src="/icon.svg" alt="Switchboard" width={26} height={26} className={classes.mark} />
      <IconButton label="Inbox" keys="G I" active aria-current="page" onClick={goInbox}>
        <IconInbox size={19} />
      </IconButton>
      <span className={classes.space} />
      <IconButton label="Keyboard shortcuts" keys="?" onClick={() => desk.set({ help: true })}>
        <IconKeyboard size={19} />
      </IconButton>
      {foot}
    </nav>
  );
}
