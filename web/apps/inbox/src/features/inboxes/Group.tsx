import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { keep, recall } from "@/lib/keep";
import classes from "./Inboxes.module.css";

/** A foldable group of inboxes; remembers whether it is folded. */
export function Group({ name, children }: { name: string; children: ReactNode }): ReactNode {
  const [open, setOpen] = useState(() => recall<boolean>(`group.${name}`) ?? true);
  const toggle = (): void => {
    keep(`group.${name}`, !open);
    setOpen(!open);
  };
  return (
    <section className={classes.group}>
      <button type="button" className={classes.groupName} aria-expanded={open} onClick={toggle}>
        <span>{name}</span>
        <IconChevronDown size={14} className={classes.chevron} />
      </button>
      {open && <ul>{children}</ul>}
    </section>
  );
}
