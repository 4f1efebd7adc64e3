import { Button, MultiSelect, Switch, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import type { MacroDraft } from "@/api/macros";
import { useMay, useNames } from "@/data/directory";
import { MACROS, usePublishes } from "@/data/governed";
import { deleteOwn, macroIdOf, macrosQuery, saveOwn, saveShared } from "@/data/macros";
import { diffLines } from "@/lib/lines";
import type { SectionProps } from "@/lib/settings";
import { DraftNote } from "@/parts/governed/DraftNote";
import { ConfirmButton } from "@/parts/settings/ConfirmButton";
import { EditForm, Fields } from "@/parts/settings/EditForm";
import { useUnsaved } from "@/parts/settings/Unsaved";
import { type Save, useEdit } from "@/parts/settings/useEdit";
import { LinesDiff } from "@/parts/versions/LinesDiff";
import { toast } from "@/ui/toast";
import { ActionsField } from "./ActionsField";
import { draftOf, isOwn, type KeptMacro, toAll } from "./draft";
import { linesOfMacro } from "./macro-lines";
import { TextField } from "./TextField";

interface MacroFormProps {
  /** Undefined: a new one. */
  macro: KeptMacro | undefined;
  open: SectionProps["open"];
}

type Edited = MacroDraft & { personal: boolean };

/** One macro: name, text with variables, what happens with the sending, and who has it. */
export function MacroForm({ macro, open }: MacroFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayAll = useMay("macros.write");
  const mayPublish = usePublishes(MACROS);
  const { data } = useQuery(macrosQuery);
  const read = (there: KeptMacro | undefined): Edited => ({
    ...draftOf(there),
    personal: there ? isOwn(there) : !mayAll,
  });
  const editing = useEdit<Edited, KeptMacro>(macro, read);
  const { edit, change, wrong } = editing;
  const unsaved = useUnsaved(editing.changed);
  // Sent again after its answer was lost, a new one is the same.
  const newId = useRef("");
  const publishes = edit.personal || mayPublish;
  const save =
    (publish: boolean): Save<KeptMacro> =>
    async (seen, adopt) => {
      const { personal, ...draft } = edit;
      const id = macro ? idOf(macro) : null;
      if (personal) newId.current ||= macroIdOf(edit.name);
      const made = personal
        ? await saveOwn(client, id ?? newId.current, draft, seen)
        : await saveShared(client, id, draft, seen, publish);
      toast(personal || publish ? `Saved “${made.name}”` : `Saved “${made.name}” as a draft`);
      adopt(made);
      if (id && publish) return;
      unsaved.saved();
      open(idOf(made), publish ? undefined : "versions");
    };
  return (
    <EditForm
      title={macro?.name ?? "New macro"}
      back={toAll(open)}
      editing={editing}
      save={save(publishes)}
      draft={publishes && !edit.personal ? save(false) : null}
      submitLabel={edit.personal ? "Save" : publishes ? "Publish" : "Save draft"}
      actions={macro && <OfOne macro={macro} open={open} left={unsaved.saved} />}
      compare={(theirs) => (
        <>
          <p>From theirs to yours:</p>
          <LinesDiff
            label="From theirs to yours"
            lines={diffLines(linesOfMacro(theirs, names), linesOfMacro(edit, names))}
          />
        </>
      )}
    >
      {unsaved.question}
      {!edit.personal && <DraftNote kind={MACROS} one={macro && "standing" in macro ? macro : undefined} />}
      <TextInput
        label="Name"
        data-autofocus
        dir="auto"
        value={edit.name}
        error={wrong("name")}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextField
        html={edit.html}
        variables={data?.variables ?? []}
        error={wrong("html")}
        change={(html) => change({ html })}
      />
      <ActionsField actions={edit.actions} wrong={wrong} onChange={(actions) => change({ actions })} />
      <Fields name="Who writes with it">
        <Switch
          label="Only I use it"
          checked={edit.personal}
          disabled={!mayAll || macro !== undefined}
          onChange={(event) => change({ personal: event.currentTarget.checked })}
        />
        {!edit.personal && (
          <>
            <MultiSelect
              label="Brands"
              placeholder={edit.brand_ids.length ? "" : "All brands"}
              data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
              value={edit.brand_ids}
              error={wrong("brand_ids")}
              onChange={(brand_ids) => change({ brand_ids })}
            />
            <MultiSelect
              label="Teams"
              placeholder={edit.team_ids.length ? "" : "All teams"}
              data={names.teams.map((team) => ({ value: team.team_id, label: team.name }))}
              value={edit.team_ids}
              error={wrong("team_ids")}
              onChange={(team_ids) => change({ team_ids })}
            />
          </>
        )}
      </Fields>
    </EditForm>
  );
}

const idOf = (macro: KeptMacro): string => ("macro_id" in macro ? macro.macro_id : macro.id);

interface OfOneProps {
  macro: KeptMacro;
  open: SectionProps["open"];
  /** What is written is given up. */
  left: () => void;
}

/** What else there is of one that is there: everybody's has versions, one's own is simply deleted. */
function OfOne({ macro, open, left }: OfOneProps): ReactNode {
  const client = useQueryClient();
  if (!isOwn(macro)) {
    return (
      <Button variant="subtle" onClick={() => open(idOf(macro), "versions")}>
        Versions
      </Button>
    );
  }
  const remove = async (): Promise<void> => {
    await deleteOwn(client, macro);
    toast(`Deleted “${macro.name}”`);
    left();
    open(null);
  };
  return (
    <ConfirmButton label="Delete…" title={`Delete “${macro.name}”?`} confirm="Delete" run={remove}>
      <p>Nobody but you writes with it.</p>
    </ConfirmButton>
  );
}
