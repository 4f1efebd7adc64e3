import { Input } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import Editor, { type EditorHandle } from "@/parts/writing/Editor";
import { toast } from "@/ui/toast";
import classes from "./macros.module.css";

interface TextFieldProps {
  html: string;
  /** What can stand in it. */
  variables: readonly string[];
  error: string | null;
  change: (html: string) => void;
}

/** What a macro says, with variables that are filled in for each conversation. */
export function TextField({ html, variables, error, change }: TextFieldProps): ReactNode {
  const editor = useRef<EditorHandle>(null);
  const told = useRef(html);
  // Another text than was written here: somebody else's, or as it was kept.
  useEffect(() => {
    if (html !== told.current) editor.current?.put(html);
    told.current = html;
  }, [html]);
  const tell = (): void => {
    if (!editor.current) return;
    told.current = editor.current.isEmpty() ? "" : editor.current.html();
    change(told.current);
  };
  return (
    <Input.Wrapper label="Text" labelElement="div" error={error}>
      <div className={classes.editor}>
        <Editor
          ref={editor}
          label="Text"
          placeholder="Hi {{contact.first_name | there}}, …"
          initialHtml={html}
          marksVariables
          onChange={tell}
          onFiles={() => toast("Macros carry no files.")}
        />
      </div>
      <div className={classes.variables}>
        {variables.map((name) => (
          <button key={name} type="button" onClick={() => editor.current?.insert(`{{${name}}}`)}>
            {name}
          </button>
        ))}
      </div>
    </Input.Wrapper>
  );
}
