import { Popover } from "@mantine/core";
import { RichTextEditor } from "@mantine/tiptap";
import { IconAdjustments, IconBolt, IconDots, IconMoodSmile, IconPaperclip } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Editor } from "@tiptap/core";
import { Fragment, type ReactNode, Suspense, useRef, useState } from "react";
import { arranged } from "@/data/arrange";
import { arrangementQuery } from "@/data/arrangement";
import { lazy } from "@/lib/lazy";
import { IconButton } from "@/ui/Quiet";
import classes from "./Toolbar.module.css";
import { TOOLS, type ToolName } from "./tools";
import writing from "./writing.module.css";

const Emoji = lazy(() => import("./Emoji"));
const EditToolbar = lazy(() => import("./EditToolbar"));

interface ToolbarProps {
  editor: Editor | null;
  onFiles: (files: File[]) => void;
  hasMacros: boolean;
  end: ReactNode;
}

/** The tools under the text, as the agent pinned them, the rest behind "…"; at its end what the composer puts there. */
export function Toolbar({ editor, onFiles, hasMacros, end }: ToolbarProps): ReactNode {
  const { data } = useQuery(arrangementQuery("toolbar"));
  const [all, setAll] = useState(false);
  const [editing, setEditing] = useState(false);
  const now = arranged(Object.keys(TOOLS), data);
  const tools: Record<ToolName, ReactNode> = {
    attach: <Attach onFiles={onFiles} />,
    emoji: <EmojiButton editor={editor} />,
    macros: hasMacros && (
      <IconButton label="Macros (/)" onClick={() => editor?.chain().focus().insertContent("/").run()}>
        <IconBolt size={17} />
      </IconButton>
    ),
    bold: <RichTextEditor.Bold />,
    italic: <RichTextEditor.Italic />,
    link: <RichTextEditor.Link />,
    bullets: <RichTextEditor.BulletList />,
    numbers: <RichTextEditor.OrderedList />,
    quote: <RichTextEditor.Blockquote />,
    code: <RichTextEditor.Code />,
  };
  const shown = (names: readonly string[]): ReactNode =>
    names.map((name) => <Fragment key={name}>{tools[name as ToolName]}</Fragment>);
  return (
    <div className={classes.toolbar} data-all={all || undefined}>
      <div className={classes.tools}>
        {shown(now.pinned)}
        {all && shown(now.more)}
        {all && (
          <IconButton label="Edit toolbar" onClick={() => setEditing(true)}>
            <IconAdjustments size={17} />
          </IconButton>
        )}
      </div>
      <IconButton label="More tools" aria-expanded={all} onClick={() => setAll(!all)}>
        <IconDots size={17} />
      </IconButton>
      <span className={classes.end}>{end}</span>
      {editing && (
        <Suspense fallback={null}>
          <EditToolbar now={now} done={() => setEditing(false)} />
        </Suspense>
      )}
    </div>
  );
}

function Attach({ onFiles }: { onFiles: (files: File[]) => void }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label="Attach files" onClick={() => input.current?.click()}>
        <IconPaperclip size={17} />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Files to attach"
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = "";
        }}
      />
    </>
  );
}

function EmojiButton({ editor }: { editor: Editor | null }): ReactNode {
  const [opened, setOpened] = useState(false);
  const choose = (emoji: string): void => {
    setOpened(false);
    editor?.chain().focus().insertContent(emoji).run();
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" trapFocus width={300}>
      <Popover.Target>
        <IconButton label="Emoji" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          <IconMoodSmile size={17} />
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown p={6}>
        <Suspense fallback={<div className={writing.emoji} />}>
          {opened && <Emoji choose={choose} />}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
