import { Tooltip } from "@mantine/core";
import { type ComponentPropsWithRef, type ReactNode, useState } from "react";
import classes from "./Quiet.module.css";

/** Menus and popovers put a class of theirs on what opens them. */
const both = (own: string | undefined, given: string | undefined): string => `${own ?? ""} ${given ?? ""}`;

const isOpen = (expanded: ComponentPropsWithRef<"button">["aria-expanded"]): boolean =>
  String(expanded) === "true";

interface IconButtonProps extends ComponentPropsWithRef<"button"> {
  label: string;
  /** The key that does the same. */
  keys?: string;
  active?: boolean;
}

/** A button that is only an icon: named for readers, its shortcut in the tooltip. */
export function IconButton({
  label,
  keys,
  active,
  children,
  className,
  ...rest
}: IconButtonProps): ReactNode {
  // What it did may take the button away from under the pointer, which then never leaves it.
  const [pressed, setPressed] = useState(false);
  const { onClick, onPointerEnter } = rest;
  return (
    <Tooltip label={<Hint label={label} keys={keys} />} disabled={pressed || isOpen(rest["aria-expanded"])}>
      <button
        type="button"
        aria-label={label}
        data-active={active || undefined}
        className={both(classes.icon, className)}
        {...rest}
        onClick={(event) => {
          setPressed(true);
          onClick?.(event);
        }}
        onPointerEnter={(event) => {
          setPressed(false);
          onPointerEnter?.(event);
        }}
      >
        {children}
      </button>
    </Tooltip>
  );
}

export function Hint({ label, keys }: { label: string; keys?: string | undefined }): ReactNode {
  return (
    <span className={classes.hint}>
      {label}
      {keys && <Keys keys={keys} />}
    </span>
  );
}

/** A shortcut as key caps: "g i" is two keys after another. */
export function Keys({ keys }: { keys: string }): ReactNode {
  return (
    <span className={classes.keys}>
      {keys.split(" ").map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

/** A button that looks like text until pointed at. */
export function TextButton({ children, className, ...rest }: ComponentPropsWithRef<"button">): ReactNode {
  return (
    <button type="button" className={both(classes.text, className)} {...rest}>
      {children}
    </button>
  );
}
