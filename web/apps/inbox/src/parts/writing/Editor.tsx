import "@mantine/tiptap/styles.css";
import { RichTextEditor } from "@mantine/tiptap";
import type { Editor as TipTap } from "@tiptap/core";
import { useEditor } from "@tiptap/react";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { isSend } from "@/lib/keys";
import type { Choice } from "./choiceList";
import { type Departing, depart } from "./departing";
import { extensionsFor } from "./extensions";
import { Toolbar } from "./Toolbar";
import classes from "./writing.module.css";

/** What a composer asks of the editor. */
export interface EditorHandle {
  html: () => string;
  isEmpty: () => boolean;
  mentions: () => string[];
  focus: () => void;
  /** Another text; nobody is told that it changed. */
  put: (html: string) => void;
  /** At the cursor. */
  insert: (html: string) => void;
  /** What stands there is being sent: until that is over the handle speaks of what is written behind it. */
  depart: () => Departing;
}

interface EditorProps {
  ref?: Ref<EditorHandle>;
  label: string;
  placeholder: string;
  initialHtml: string;
  /** Those who can be mentioned with "@"; none outside notes. */
  people?: Choice[];
  /** What "/" offers; left out where there are no macros. */
  macros?: (() => Promise<Choice[]>) | undefined;
  onMacro?: (key: string) => void;
  /** Show where variables stand in the text, as where macros are. */
  marksVariables?: boolean;
  /** What "#" offers: the key is the address of the link. */
  conversations?: ((query: string) => Choice[]) | undefined;
  onChange: () => void;
  onFiles: (files: File[]) => void;
  /** Keep an image that stands in the text; gives where it can be shown from. */
  onInlineImage?: ((file: File) => Promise<{ src: string; cid: string }>) | undefined;
  toolbarEnd?: ReactNode;
}

/** Agents mentioned in the text, each once. */
function mentionsIn(editor: TipTap): string[] {
  const found = new Set<string>();
  editor.state.doc.descendants((node) => {
    if (node.type.name === "mention" && typeof node.attrs.id === "string") found.add(node.attrs.id);
  });
  return [...found];
}

/** The rich text box with its toolbar; knows nothing of what is done with the text. */
export default function Editor(props: EditorProps): ReactNode {
  const latest = useRef(props);
  latest.current = props;
  const editor = useEditor({
    extensions: extensionsFor(() => ({
      placeholder: props.placeholder,
      people: () => latest.current.people ?? [],
      macros: latest.current.macros,
      marksVariables: latest.current.marksVariables ?? false,
      onMacro: (key) => latest.current.onMacro?.(key),
      conversations: (query) => latest.current.conversations?.(query) ?? [],
    })),
    content: props.initialHtml,
    shouldRerenderOnTransaction: false,
    editorProps: {
      attributes: { "aria-label": props.label, role: "textbox", "aria-multiline": "true", dir: "auto" },
      handlePaste: (_, event) => takeFiles(event.clipboardData?.files),
      handleDrop: (_, event) => takeFiles(event.dataTransfer?.files),
      handleKeyDown: (_, event) => isSend(event),
    },
    onUpdate: () => latest.current.onChange(),
  });

  function takeFiles(files: FileList | undefined): boolean {
    if (!files?.length) return false;
    for (const file of files) void place(file);
    return true;
  }

  async function place(file: File): Promise<void> {
    const { onInlineImage, onFiles } = latest.current;
    if (!file.type.startsWith("image/") || !onInlineImage) return onFiles([file]);
    const { src, cid } = await onInlineImage(file);
    editor
      .chain()
      .focus()
      .insertContent({ type: "image", attrs: { src, alt: file.name, cid } })
      .run();
  }

  const departing = useRef<Departing>(null);
  useImperativeHandle(
    props.ref,
    () => ({
      html: () => departing.current?.html() ?? editor.getHTML(),
      isEmpty: () => departing.current?.isEmpty() ?? editor.isEmpty,
      mentions: () => mentionsIn(editor),
      focus: () => void editor.commands.focus("end"),
      insert: (html) => void editor.chain().focus().insertContent(html).run(),
      depart: () => {
        const { left, stays, ...now } = depart(editor);
        const over = (end: () => void) => () => {
          departing.current = null;
          end();
        };
        departing.current = { ...now, left: over(left), stays: over(stays) };
        return departing.current;
      },
      put: (html) => void editor.commands.setContent(html, { emitUpdate: false }),
    }),
    [editor],
  );
  useEffect(() => () => editor.destroy(), [editor]);

  return (
    <RichTextEditor editor={editor} className={classes.editor ?? ""} withTypographyStyles={false}>
      <RichTextEditor.Content className={`${classes.content} sb-scroll`} />
      <Toolbar
        editor={editor}
        onFiles={props.onFiles}
        hasMacros={props.macros !== undefined}
        end={props.toolbarEnd}
      />
    </RichTextEditor>
  );
}
