import { Button, Checkbox, MultiSelect, Switch, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { RuleSchema } from "@/api/rules";
import type { Drafted } from "@/api/tries";
import { useNames } from "@/data/directory";
import { RULES, usePublishes } from "@/data/governed";
import { type KeptRule, saveRule } from "@/data/rules";
import { diffLines } from "@/lib/lines";
import { STRIKES, USUAL } from "@/lib/rules/clock";
import { type EditedRule, editOf, linesOfRule, sentenceOfRule, sentOf } from "@/lib/rules/draft";
import { eventChoices } from "@/lib/rules/events";
import { knowing, type Naming } from "@/lib/rules/words";
import type { SectionProps } from "@/lib/settings";
import { Conditions } from "@/parts/conditions/Conditions";
import { useNaming } from "@/parts/conditions/useNaming";
import { DraftNote } from "@/parts/governed/DraftNote";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { useUnsaved } from "@/parts/settings/Unsaved";
import { useEdit } from "@/parts/settings/useEdit";
import { LinesDiff } from "@/parts/versions/LinesDiff";
import { toast } from "@/ui/toast";
import { Actions } from "./Actions";
import classes from "./rules.module.css";
import { SimulationDialog } from "./SimulationDialog";
import { Times } from "./Times";
import { Tries } from "./Tries";
import { useTries } from "./useTries";
import { Wait } from "./Wait";

interface RuleFormProps {
  /** Undefined: a new one. */
  rule: KeptRule | undefined;
  schema: RuleSchema;
  open: SectionProps["open"];
}

const FORGOTTEN =
  "A rule that waits knows this of back-office tickets, not of trackers or of unlinked tickets.";
const LIVE =
  "It is looked who is there when the rule is asked. Of what is past that is not known: tried or simulated, this matches nothing.";

/** One rule: when it is asked, what must be so, and what is done then. */
export function RuleForm({ rule, schema, open }: RuleFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const named = useNaming(schema);
  const naming = rule ? knowing(named, rule.fields) : named;
  const publishes = usePublishes(RULES);
  const editing = useEdit<EditedRule, KeptRule>(rule, editOf, sentOf);
  const { edit, change, wrong } = editing;
  const { tried, unread } = useTries(rule?.id ?? null, edit);
  const unsaved = useUnsaved(editing.changed);
  const save =
    (publish: boolean) =>
    async (version: number): Promise<void> => {
      const made = await saveRule(client, rule?.id ?? null, sentOf(edit), version, publish);
      unsaved.saved();
      toast(publish ? `“${edit.name}” is in force` : `Saved “${edit.name}” as a draft`);
      // A draft goes on there: to its review, or to be published later.
      if (publish) open(null);
      else open(made.id, "versions");
    };
  return (
    <EditForm
      title={rule?.name ?? "New rule"}
      back={{ label: "All rules", go: () => open(null) }}
      editing={editing}
      save={save(publishes)}
      draft={publishes ? save(false) : null}
      submitLabel={publishes ? "Publish" : "Save draft"}
      actions={
        <>
          {rule && (
            <Button variant="subtle" onClick={() => open(rule.id, "versions")}>
              Versions
            </Button>
          )}
          <Simulate
            drafted={{ id: rule?.id ?? null, rule: { ...sentOf(edit), enabled: true } }}
            naming={naming}
          />
        </>
      }
      compare={(theirs) => (
        <>
          <p>
            {names.agentName(theirs.saved_by)} saved version {theirs.version}. From theirs to yours:
          </p>
          <LinesDiff
            label="From theirs to yours"
            lines={diffLines(linesOfRule(theirs, naming), linesOfRule(sentOf(edit), naming))}
          />
        </>
      )}
      aside={<Tries tried={tried} naming={naming} />}
    >
      {unsaved.question}
      <DraftNote kind={RULES} one={rule} />
      <p className={classes.sentence} role="status" aria-label="In words" dir="auto">
        {sentenceOfRule(edit, naming)}
      </p>
      <TextInput
        label="Name"
        data-autofocus
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <Fields name="When">
        <MultiSelect
          label="Any of these happens"
          searchable
          placeholder={edit.when.length ? "" : "A conversation started, a customer replied…"}
          data={eventChoices([...new Set([...schema.events, ...edit.when])])}
          value={edit.when}
          error={wrong("when")}
          onChange={(when) => change({ when, clock: when.includes(STRIKES) ? (edit.clock ?? USUAL) : null })}
        />
        <MultiSelect
          label="At the brands"
          placeholder={edit.brand_ids.length ? "" : "All brands"}
          data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
          value={edit.brand_ids}
          error={wrong("brand_ids")}
          onChange={(brand_ids) => change({ brand_ids })}
        />
      </Fields>
      {edit.clock && (
        <Times
          clock={edit.clock}
          brandIds={edit.brand_ids}
          wrong={(path, exactly) => wrong(path, exactly) ?? unread(path, exactly)}
          change={(clock) => change({ clock })}
        />
      )}
      <Fields name="If">
        <Conditions
          tree={edit.if}
          asking={schema}
          brandIds={edit.brand_ids}
          wrong={wrong}
          unread={unread}
          note={(field) => {
            if (field.name.startsWith("availability.")) return LIVE;
            return edit.after !== null && field.of_ticket ? FORGOTTEN : null;
          }}
          change={(tree) => change({ if: tree })}
          always="Always: it has no conditions."
        />
      </Fields>
      {(edit.clock === null || edit.after !== null) && <Wait edit={edit} change={change} wrong={wrong} />}
      <Fields name="Then">
        <Actions
          actions={edit.then}
          schema={schema}
          brandIds={edit.brand_ids}
          wrong={wrong}
          change={(then) => change({ then })}
        />
        {(edit.clock === null || edit.stop) && (
          <Checkbox
            label="Don’t look at the rules after this one when it matches"
            checked={edit.stop}
            error={wrong("stop")}
            onChange={(event) => change({ stop: event.currentTarget.checked })}
          />
        )}
      </Fields>
      {Object.keys(edit.more).length > 0 && (
        <Fields name="More" hint="Set by a newer version of Switchboard. It stays as it is.">
          <code className={classes.json}>{JSON.stringify(edit.more, null, 1)}</code>
        </Fields>
      )}
      <Switch
        label="In use"
        checked={edit.enabled}
        onChange={(event) => change({ enabled: event.currentTarget.checked })}
      />
    </EditForm>
  );
}

function Simulate(props: { drafted: Drafted; naming: Naming }): ReactNode {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        Simulate…
      </Button>
      {opened && <SimulationDialog {...props} close={() => setOpened(false)} />}
    </>
  );
}
