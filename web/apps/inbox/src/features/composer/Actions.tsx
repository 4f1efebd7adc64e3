import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { MacroAction } from "@/api/macros";
import { useNames } from "@/data/directory";
import { actionWords } from "@/data/macros";
import classes from "./Composer.module.css";

interface ActionsProps {
  actions: MacroAction[];
  onChange: (actions: MacroAction[]) => void;
}

/** What the macros will do with the sending; each can be taken off. */
export function Actions({ actions, onChange }: ActionsProps): ReactNode {
  const names = useNames();
  if (actions.length === 0) return null;
  return (
    <div className={classes.actions}>
      <span>When sent</span>
      <ul aria-label="When sent">
        {actions.map((action) => {
          const words = actionWords(action, names);
          return (
            <li key={words}>
              {words}
              <button
                type="button"
                aria-label={`Don’t: ${words}`}
                onClick={() => onChange(actions.filter((each) => each !== action))}
              >
                <IconX size={11} />
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Each once. */
export function withActions(now: MacroAction[], added: MacroAction[]): MacroAction[] {
  const fresh = added.filter(
    (one) => !now.some((each) => each.kind === one.kind && each.value === one.value),
  );
  return [...now, ...fresh];
}
