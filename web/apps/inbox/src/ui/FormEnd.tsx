import type { ReactNode } from "react";
import classes from "./FormEnd.module.css";

/** The foot of a form: what is to be known or went wrong, and its buttons, below that where there is no room beside it. */
export function FormEnd({ children }: { children: ReactNode }): ReactNode {
  return <div className={classes.end}>{children}</div>;
}
