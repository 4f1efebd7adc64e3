import { Button, MultiSelect, Switch, TextInput } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { ApiError, sentenceOf } from "@/api/client";
import type { Macro } from "@/api/macros";
import { useMay, useNames } from "@/data/directory";
import { deleteMacro, type MacroEdit, macroIdOf, macrosQuery, putMacro } from "@/data/macros";
import Editor, { type EditorHandle } from "@/parts/writing/Editor";
import { IconButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";
import { ActionsField } from "./ActionsField";
import classes from "./macros.module.css";

interface MacroFormProps {
  /** Undefined: a new one. */
  macro: Macro | undefined;
  mayChange: boolean;
  done: (macroId: string | null) => void;
}

const EMPTY: MacroEdit = { name: "", html: "", actions: [], brand_ids: [], team_ids: [], personal: false };

/** One macro: name, text with variables, what happens with the sending, and who has it. */
export function MacroForm({ macro, mayChange, done }: MacroFormProps): ReactNode {
  const client = useQueryClient();
  const names = useNames();
  const mayAll = useMay("macros.write");
  const { data } = useQuery(macrosQuery);
  const editor = useRef<EditorHandle>(null);
  const [edit, setEdit] = useState<MacroEdit>(macro ?? { ...EMPTY, personal: !mayAll });
  const [seen, setSeen] = useState(macro);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<MacroEdit>): void => setEdit((now) => ({ ...now, ...part }));
  const wrong = wrongOf(error);

  const run = async (work: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (refusal) {
      setError(refusal);
      if (refusal instanceof ApiError && refusal.existing) setSeen(refusal.existing as Macro);
    } finally {
      setBusy(false);
    }
  };
  const save = (): Promise<void> =>
    run(async () => {
      const { name, actions, brand_ids, team_ids, personal } = edit;
      const html = editor.current?.isEmpty() ? "" : (editor.current?.html() ?? edit.html);
      const body = { name, html, actions, brand_ids, team_ids, personal };
      const made = await putMacro(client, seen?.macro_id ?? macroIdOf(name), body, seen);
      setSeen(made);
      toast(`Saved “${made.name}”`);
      done(made.macro_id);
    });
  const remove = (): Promise<void> =>
    run(async () => {
      if (!seen) return;
      await deleteMacro(client, seen);
      toast(`Deleted “${seen.name}”`);
      done(null);
    });
  return (
    <form
      className={classes.form}
      noValidate
      aria-label={macro ? `Macro ${macro.name}` : "New macro"}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <header>
        <IconButton label="Back to the macros" className={classes.back} onClick={() => done(null)}>
          <IconArrowLeft size={17} />
        </IconButton>
        <h1 className="sb-truncate">{macro?.name ?? "New macro"}</h1>
        {seen && mayChange && (
          <Button variant="default" disabled={busy} onClick={() => void remove()}>
            Delete
          </Button>
        )}
        {mayChange && (
          <Button type="submit" loading={busy}>
            Save
          </Button>
        )}
      </header>
      <div className={`${classes.fields} sb-scroll`}>
        {!mayChange && <p className={classes.hint}>You use this macro; a team lead can change it.</p>}
        <TextInput
          label="Name"
          value={edit.name}
          error={wrong.name ?? null}
          disabled={!mayChange}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <div className={classes.text}>
          <span>Text</span>
          <div className={classes.editor}>
            <Editor
              ref={editor}
              label="Text"
              placeholder="Hi {{contact.first_name | there}}, …"
              initialHtml={edit.html}
              marksVariables
              onChange={() => setError(null)}
              onFiles={() => toast("Macros carry no files.")}
            />
          </div>
          {wrong.html && <p className={classes.wrong}>{wrong.html}</p>}
          {mayChange && (
            <Variables names={data?.variables ?? []} insert={(text) => editor.current?.insert(text)} />
          )}
        </div>
        <ActionsField
          actions={edit.actions}
          wrong={wrong.actions}
          disabled={!mayChange}
          onChange={(actions) => change({ actions })}
        />
        <Switch
          label="Only I use it"
          checked={edit.personal}
          disabled={!mayChange || !mayAll || seen !== undefined}
          onChange={(event) => change({ personal: event.currentTarget.checked })}
        />
        {!edit.personal && (
          <>
            <MultiSelect
              label="Brands"
              placeholder={edit.brand_ids.length ? "" : "All brands"}
              data={names.brands.map((brand) => ({ value: brand.brand_id, label: brand.name }))}
              value={edit.brand_ids}
              disabled={!mayChange}
              onChange={(brand_ids) => change({ brand_ids })}
            />
            <MultiSelect
              label="Teams"
              placeholder={edit.team_ids.length ? "" : "All teams"}
              data={names.teams.map((team) => ({ value: team.team_id, label: team.name }))}
              value={edit.team_ids}
              disabled={!mayChange}
              onChange={(team_ids) => change({ team_ids })}
            />
          </>
        )}
        <p role="alert" className={classes.wrong}>
          {error !== null && !wrong.known && sentenceOf(error)}
        </p>
      </div>
    </form>
  );
}

function Variables({ names, insert }: { names: string[]; insert: (text: string) => void }): ReactNode {
  return (
    <div className={classes.variables}>
      {names.map((name) => (
        <button key={name} type="button" onClick={() => insert(`{{${name}}}`)}>
          {name}
        </button>
      ))}
    </div>
  );
}

interface Wrong {
  known: boolean;
  name?: string;
  html?: string;
  actions: Record<number, string>;
}

/** From an answer's places to the form's fields, as sentences. */
function wrongOf(error: unknown): Wrong {
  const wrong: Wrong = { known: false, actions: {} };
  for (const { path, message } of error instanceof ApiError ? error.fields : []) {
    const words = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    const action = /^body\.actions\.(\d+)/.exec(path);
    if (path === "body.name") wrong.name = words;
    else if (path === "body.html") wrong.html = words;
    else if (action) wrong.actions[Number(action[1])] = words;
    else continue;
    wrong.known = true;
  }
  return wrong;
}
