import type { ComponentPropsWithRef, ReactNode } from "react";
import classes from "./Details.module.css";

/** A label and its value. */
export function Field({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <div className={classes.field}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface FieldButtonProps extends ComponentPropsWithRef<"button"> {
  label: string;
}

/** A value that changes when clicked. */
export function FieldButton({ label, children, className, ...rest }: FieldButtonProps): ReactNode {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`${classes.value} ${className ?? ""}`}
      {...rest}
    >
      {children}
    </button>
  );
}
