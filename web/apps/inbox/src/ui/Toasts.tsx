import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useStore } from "@/lib/store";
import classes from "./Toasts.module.css";
import { dismiss, type Toast, toasts } from "./toast";

/** What was just done, and how to take it back; bottom left, never over the composer. */
export function Toasts(): ReactNode {
  const shown = useStore(toasts, (state) => state.shown);
  return (
    <output className={classes.stack} aria-live="polite" aria-label="Messages">
      {shown.map((toast) => (
        <Item key={toast.id} toast={toast} />
      ))}
    </output>
  );
}

function Item({ toast }: { toast: Toast }): ReactNode {
  const act = (): void => {
    toast.action?.run();
    dismiss(toast.id);
  };
  return (
    <div className={classes.toast} data-tone={toast.tone}>
      <span className={classes.text}>{toast.text}</span>
      {toast.action && (
        <button type="button" className={classes.action} onClick={act}>
          {toast.action.label}
        </button>
      )}
      <button type="button" className={classes.close} aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        <IconX size={14} />
      </button>
      {toast.runs_ms && <i className={classes.runs} style={{ animationDuration: `${toast.runs_ms}ms` }} />}
    </div>
  );
}
