import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Language } from "../i18n";
import type { Messenger } from "../messenger";
import { Emojis } from "./Emojis";
import { AttachIcon, EmojiIcon, SendIcon } from "./icons";
import { Uploads, useUploads } from "./Uploads";

const TALLEST_PX = 132;

interface Props {
  messenger: Messenger;
  language: Language;
  /** Whether the panel is seen. */
  open: boolean;
}

/** Where the visitor writes: Enter sends, Shift+Enter breaks the line; files by button, drop or paste. */
export function Composer({ messenger, language, open }: Props) {
  const { t } = language;
  const [text, setText] = useState(() => messenger.kept().draft);
  const [emojis, setEmojis] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const uploads = useUploads(messenger, language);
  const dropping = useDrop(uploads.add);
  const ready = (text.trim() !== "" || uploads.done.length > 0) && !uploads.busy;

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, TALLEST_PX)}px`;
  });
  // Here, as whoever hears that it was opened may hear it before there is a field.
  useLayoutEffect(() => {
    if (open) field.current?.focus();
  }, [open]);
  const write = (value: string): void => {
    setText(value);
    messenger.saveDraft(value);
  };
  const send = (): void => {
    if (!ready) return;
    messenger.send(text, uploads.done);
    uploads.clear();
    setText("");
    setEmojis(false);
    field.current?.focus();
  };
  const insert = (emoji: string): void => {
    const at = field.current?.selectionStart ?? text.length;
    write(text.slice(0, at) + emoji + text.slice(at));
    setEmojis(false);
    field.current?.focus();
  };
  return (
    <form
      class={dropping ? "composer dropping" : "composer"}
      data-drop={t("drop")}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Uploads uploads={uploads} language={language} />
      <textarea
        ref={field}
        rows={1}
        dir={text ? "auto" : language.direction}
        maxLength={10_000}
        aria-label={t("write")}
        placeholder={t("write")}
        enterkeyhint="send"
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
        onPaste={(event) => {
          const files = [...(event.clipboardData?.files ?? [])];
          if (files.length) event.preventDefault();
          uploads.add(files);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div
        class="tools"
        onFocusOut={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setEmojis(false);
        }}
      >
        <button type="button" class="plain" aria-label={t("attach")} onClick={() => picker.current?.click()}>
          <AttachIcon />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            uploads.add([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <button
          type="button"
          class="plain"
          aria-label={t("emoji")}
          aria-expanded={emojis}
          onClick={() => setEmojis(!emojis)}
        >
          <EmojiIcon />
        </button>
        {emojis && <Emojis label={t("emoji")} choose={insert} close={() => insert("")} />}
        <button type="submit" class="send" aria-label={t("send")} disabled={!ready}>
          <SendIcon />
        </button>
      </div>
    </form>
  );
}

/** Whether files hover over the panel; what is dropped anywhere on it is added. */
function useDrop(add: (files: File[]) => void): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    const hovering = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    };
    const left = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const dropped = (event: DragEvent): void => {
      event.preventDefault();
      setOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    addEventListener("dragover", hovering);
    addEventListener("dragleave", left);
    addEventListener("drop", dropped);
    return () => {
      removeEventListener("dragover", hovering);
      removeEventListener("dragleave", left);
      removeEventListener("drop", dropped);
    };
  }, []);
  return over;
}
