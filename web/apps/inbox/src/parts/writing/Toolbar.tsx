import { Popover } from "@mantine/core";
import { RichTextEditor } from "@mantine/tiptap";
import { IconMoodSmile, IconPaperclip } from "@tabler/icons-react";
import type { Editor } from "@tiptap/core";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { IconButton } from "@/ui/Quiet";
import classes from "./writing.module.css";

const Emoji = lazy(() => import("./Emoji"));

interface ToolbarProps {
  editor: Editor | null;
  onFiles: (files: File[]) => void;
  end: ReactNode;
}

/** The tools under the text, and at its end what the composer puts there. */
export function Toolbar({ editor, onFiles, end }: ToolbarProps): ReactNode {
  return (
    <div className={classes.toolbar}>
      <Attach onFiles={onFiles} />
      <EmojiButton editor={editor} />
      <span className={classes.formats}>
        <RichTextEditor.ControlsGroup className={classes.group ?? ""}>
          <RichTextEditor.Bold />
          <RichTextEditor.Italic />
          <RichTextEditor.Link />
          <RichTextEditor.BulletList />
          <RichTextEditor.OrderedList />
          <RichTextEditor.Blockquote />
          <RichTextEditor.Code />
        </RichTextEditor.ControlsGroup>
      </span>
      <span className={classes.end}>{end}</span>
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
        <Suspense fallback={<div className={classes.emoji} />}>
          {opened && <Emoji choose={choose} />}
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
