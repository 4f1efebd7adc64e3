import { MultiSelect, Switch } from "@mantine/core";
import type { ReactNode } from "react";
import type { Cancels } from "@/api/rules";
import { CANCELS, type EditedRule } from "@/lib/rules/draft";
import { LengthInput } from "@/parts/conditions/LengthInput";
import { Fields } from "@/parts/settings/EditForm";
import type { Wrong } from "@/parts/settings/useEdit";
import classes from "./rules.module.css";

interface WaitProps {
  edit: EditedRule;
  change: (part: Partial<EditedRule>) => void;
  wrong: Wrong;
}

/** Between "if" and "then": how long it waits before it is asked again and acts, and what makes it forget. */
export function Wait({ edit, change, wrong }: WaitProps): ReactNode {
  const { after } = edit;
  return (
    <Fields name="Wait">
      <Switch
        label="Wait, and act only if all this is still so"
        checked={after !== null}
        error={after === null ? wrong("after") : null}
        onChange={(event) => change({ after: event.currentTarget.checked ? "PT1H" : null })}
      />
      {after !== null && (
        <div className={classes.pair}>
          <LengthInput
            label="How long"
            value={after}
            error={wrong("after")}
            change={(length) => change({ after: length })}
          />
          <MultiSelect
            aria-label="Forget it when"
            placeholder={edit.cancel_on.length ? "" : "Nothing ends the waiting"}
            data={Object.entries(CANCELS).map(([value, label]) => ({ value, label: `Unless ${label}` }))}
            value={edit.cancel_on}
            error={wrong("cancel_on")}
            onChange={(value) => change({ cancel_on: value as Cancels[] })}
          />
        </div>
      )}
    </Fields>
  );
}
