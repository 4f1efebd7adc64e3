import type { ComponentPropsWithRef, ReactNode } from "react";
import classes from "./card.module.css";

/** A label and its value; a list of its own, as a card holds other things beside. */
export function Field({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <dl className={classes.field}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </dl>
  );
}

interface FieldButtonProps extends ComponentPropsWithRef<"button"> {
  label: string;
}

/** A value that changes when clicked; `label` says what for, and is read before it. */
export function FieldButton({ label, children, className, ...rest }: FieldButtonProps): ReactNode {
  return (
    <button type="button" title={label} className={`${classes.value} ${className ?? ""}`} {...rest}>
      <span className="sb-sr">{label}: </span>
      {children}
    </button>
  );
}
