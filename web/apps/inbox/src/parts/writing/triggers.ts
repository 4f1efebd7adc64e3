/** What a sign typed in the text opens, and variables that are not filled in yet. */
import { type Editor, Extension } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import Suggestion from "@tiptap/suggestion";
import { type Choice, renderChoices } from "./choiceList";
import classes from "./writing.module.css";

/** `items` gives what the list shows for what was typed after the sign; `chosen` gets the one that was taken. */
export interface Trigger {
  char: string;
  label: string;
  items: (query: string) => Choice[] | Promise<Choice[]>;
  chosen: (editor: Editor, choice: Choice) => void;
}

export const trigger = (name: string, { char, label, items, chosen }: Trigger): Extension =>
  Extension.create({
    name,
    addProseMirrorPlugins() {
      return [
        Suggestion<Choice, Choice>({
          editor: this.editor,
          pluginKey: new PluginKey(name),
          char,
          items: ({ query }) => items(query),
          command: ({ editor, range, props }) => {
            editor.chain().focus().deleteRange(range).run();
            chosen(editor, props);
          },
          render: renderChoices(label),
        }),
      ];
    },
  });

const VARIABLE = /\{\{[^{}]+\}\}/g;

/** Variables that stand in a text still, each once. */
export const variablesIn = (text: string): string[] => [
  ...new Set([...text.matchAll(VARIABLE)].map(([found]) => found)),
];

function marks(document: Node): DecorationSet {
  const found: Decoration[] = [];
  document.descendants((node, at) => {
    for (const match of node.isText ? (node.text ?? "").matchAll(VARIABLE) : []) {
      const from = at + match.index;
      found.push(Decoration.inline(from, from + match[0].length, { class: classes.variable ?? "" }));
    }
  });
  return DecorationSet.create(document, found);
}

/** Shows where a variable still has to be filled in by hand. */
export const Variables = Extension.create({
  name: "variables",
  addProseMirrorPlugins() {
    return [new Plugin({ props: { decorations: (state) => marks(state.doc) } })];
  },
});
