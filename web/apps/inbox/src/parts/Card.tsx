import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { keep, recall } from "@/lib/keep";
import classes from "./card.module.css";

/** A foldable card of the details; remembers whether it is folded. */
export function Card({ name, children }: { name: string; children: ReactNode }): ReactNode {
  const [open, setOpen] = useState(() => recall<boolean>(`card.${name}`) ?? true);
  const toggle = (): void => {
    keep(`card.${name}`, !open);
    setOpen(!open);
  };
  return (
    <section className={classes.card}>
      <button type="button" className={classes.cardName} aria-expanded={open} onClick={toggle}>
        {name}
        <IconChevronDown size={14} />
      </button>
      {open && <div>{children}</div>}
    </section>
  );
}
