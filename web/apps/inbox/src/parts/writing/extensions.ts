import { Extension } from "@tiptap/core";
import Image from "@tiptap/extension-image";
import Mention from "@tiptap/extension-mention";
import Placeholder from "@tiptap/extension-placeholder";
import type { Extensions } from "@tiptap/react";
import StarterKit from "@tiptap/starter-kit";
import { AT_MOST, type Choice, renderChoices } from "./choiceList";
import { matching } from "./matching";
import { trigger, Variables } from "./triggers";

/** An image in the text remembers the id under which the mail will carry it. */
const InlineImage = Image.extend({
  addAttributes() {
    return {
      ...this.parent?.(),
      cid: {
        default: null,
        parseHTML: (element: HTMLElement) => element.getAttribute("data-cid"),
        renderHTML: (attributes: Record<string, unknown>) =>
          attributes.cid ? { "data-cid": String(attributes.cid) } : {},
      },
    };
  },
});

/** Esc leaves the text. First of all extensions, it is asked last: a list that is open under the cursor takes it first. */
const Leave = Extension.create({
  name: "leave",
  addKeyboardShortcuts() {
    return {
      Escape: ({ editor }) => {
        editor.view.dom.blur();
        return true;
      },
    };
  },
});

/** What can be asked for while one writes; what is left out, its sign does nothing. */
export interface Sources {
  placeholder: string;
  /** Those who can be mentioned with "@". */
  people: () => Choice[];
  /** What "/" offers, and what is done with the one that was taken. */
  macros: (() => Promise<Choice[]>) | undefined;
  onMacro: (key: string) => void;
  /** Show where variables stand in the text. */
  marksVariables: boolean;
  /** What "#" offers: the key is the address that the link leads to. */
  conversations: (query: string) => Choice[];
}

/** ":)" and ":-" are no names of emojis. */
const EMOJI_CHARS = 2;

async function emojis(query: string): Promise<Choice[]> {
  if (query.length < EMOJI_CHARS) return [];
  const { findEmojis } = await import("./Emoji");
  return findEmojis(query.replaceAll("_", " "))
    .slice(0, AT_MOST)
    .map(({ unicode, label }) => ({ key: unicode, label, sign: unicode }));
}

/** What the box can hold: what mail can show, no more. */
export function extensionsFor(sources: () => Sources): Extensions {
  const { placeholder, macros, marksVariables } = sources();
  return [
    Leave,
    StarterKit.configure({
      heading: false,
      horizontalRule: false,
      link: { openOnClick: false, autolink: true },
    }),
    Placeholder.configure({ placeholder }),
    InlineImage.configure({ inline: true }),
    Mention.configure({
      HTMLAttributes: { class: "mention" },
      suggestion: {
        items: ({ query }) => matching(query, sources().people(), AT_MOST),
        command: ({ editor, range, props }) => {
          const choice = props as unknown as Choice;
          const mention = { type: "mention", attrs: { id: choice.key, label: choice.label } };
          editor
            .chain()
            .focus()
            .insertContentAt(range, [mention, { type: "text", text: " " }])
            .run();
        },
        // biome-ignore lint/suspicious/noExplicitAny: Mention types its items as its own attributes
        render: renderChoices("Mention") as any,
      },
      renderText: ({ node }) => `@${node.attrs.label}`,
    }),
    trigger("emojiNames", {
      char: ":",
      label: "Emoji",
      items: emojis,
      chosen: (editor, { key }) => void editor.chain().insertContent(key).run(),
    }),
    trigger("conversations", {
      char: "#",
      label: "Conversations",
      items: (query) => sources().conversations(query),
      chosen: (editor, { key, label }) => {
        const link = { type: "text", text: `#${label}`, marks: [{ type: "link", attrs: { href: key } }] };
        editor
          .chain()
          .insertContent([link, { type: "text", text: " " }])
          .run();
      },
    }),
    ...(macros ? [macroTrigger(sources)] : []),
    ...(macros || marksVariables ? [Variables] : []),
  ];
}

const macroTrigger = (sources: () => Sources) =>
  trigger("macros", {
    char: "/",
    label: "Macros",
    items: async (query) => matching(query, (await sources().macros?.()) ?? [], AT_MOST),
    chosen: (_, { key }) => sources().onMacro(key),
  });
