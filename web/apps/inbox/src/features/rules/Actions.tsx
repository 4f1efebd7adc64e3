import { Button, Menu } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { RuleAction, RuleSchema } from "@/api/rules";
import { actionLabel, isKnown, offeredActions, withoutKind } from "@/lib/rules/actions";
import type { EditedAction } from "@/lib/rules/draft";
import { freshKey } from "@/lib/rules/tree";
import type { Wrong } from "@/parts/settings/useEdit";
import { IconButton } from "@/ui/Quiet";
import { ActionFields } from "./ActionFields";
import classes from "./rules.module.css";

interface ActionsProps {
  actions: readonly EditedAction[];
  schema: RuleSchema;
  brandIds: readonly string[];
  wrong: Wrong;
  change: (actions: EditedAction[]) => void;
}

/** What is done, in this order. */
export function Actions({ actions, schema, brandIds, wrong, change }: ActionsProps): ReactNode {
  const put = (key: number, action: RuleAction): void =>
    change(actions.map((each) => (each.key === key ? { key, action } : each)));
  const move = (from: number, to: number): void => {
    const [one] = actions.slice(from, from + 1);
    if (one) change(actions.toSpliced(from, 1).toSpliced(to, 0, one));
  };
  return (
    <>
      {wrong("then", true) && (
        <p role="alert" className={classes.wrong}>
          {wrong("then", true)}
        </p>
      )}
      {actions.map(({ key, action }, index) => {
        const label = actionLabel(action.kind);
        return (
          <fieldset key={key} className={classes.action} aria-label={`${index + 1}. ${label}`}>
            <span>{label}</span>
            <div>
              {isKnown(action) ? (
                <ActionFields
                  action={action}
                  fields={schema.fields}
                  brandIds={brandIds}
                  wrong={(field) => wrong(`then.${index}.${field}`)}
                  change={(next) => put(key, next)}
                />
              ) : (
                <code className={classes.json}>{JSON.stringify(withoutKind(action), null, 1)}</code>
              )}
              {wrong(`then.${index}`, true) && (
                <p role="alert" className={classes.wrong}>
                  {wrong(`then.${index}`, true)}
                </p>
              )}
            </div>
            <span className={classes.tools}>
              {actions.length > 1 && (
                <>
                  <IconButton
                    label={`Do ${label} earlier`}
                    disabled={index === 0}
                    onClick={() => move(index, index - 1)}
                  >
                    <IconArrowUp size={15} />
                  </IconButton>
                  <IconButton
                    label={`Do ${label} later`}
                    disabled={index === actions.length - 1}
                    onClick={() => move(index, index + 1)}
                  >
                    <IconArrowDown size={15} />
                  </IconButton>
                </>
              )}
              <IconButton
                label={`Don’t: ${label}`}
                onClick={() => change(actions.filter((each) => each.key !== key))}
              >
                <IconX size={15} />
              </IconButton>
            </span>
          </fieldset>
        );
      })}
      <Menu position="bottom-start" hideDetached={false}>
        <Menu.Target>
          <Button
            variant="default"
            size="compact-sm"
            className={classes.add}
            leftSection={<IconPlus size={13} />}
          >
            Add an action
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={320} style={{ overflowY: "auto" }}>
          {offeredActions(schema).map((begin) => (
            <Menu.Item
              key={begin.kind}
              onClick={() => change([...actions, { key: freshKey(), action: { ...begin } }])}
            >
              {actionLabel(begin.kind)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
