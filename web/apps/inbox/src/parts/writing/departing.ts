/** A text that is being sent while its author already writes on in the same box: which part is which. */
import { Fragment } from "@tiptap/pm/model";
import { Selection } from "@tiptap/pm/state";
import { type Editor, getHTMLFromFragment } from "@tiptap/react";

export interface Departing {
  /** What was written behind it since. */
  html: () => string;
  isEmpty: () => boolean;
  /** Sent: it is taken out, and what was written since stays. */
  left: () => void;
  /** Refused: it stays, and what was written since begins a line of its own. */
  stays: () => void;
}

function holdsSomething(content: Fragment): boolean {
  let found = false;
  content.descendants((node) => {
    found ||= node.isInline;
  });
  return found;
}

/** Everything that stands there now is on its way; the cursor goes behind it. */
export function depart(editor: Editor): Departing {
  editor.commands.setTextSelection(Selection.atEnd(editor.state.doc).to);
  let end = editor.state.selection.to;
  const follow = ({
    transaction,
  }: {
    transaction: { mapping: { map(at: number, side: number): number } };
  }) => {
    end = transaction.mapping.map(end, -1);
  };
  editor.on("transaction", follow);
  /** Without the empty line that remains of the block in which it ends. */
  const since = (): Fragment => {
    const { content } = editor.state.doc.cut(end);
    if (!holdsSomething(content)) return Fragment.empty;
    const first = content.firstChild;
    return first?.isTextblock && first.content.size === 0 ? content.cut(first.nodeSize) : content;
  };
  return {
    html: () => getHTMLFromFragment(since(), editor.schema),
    isEmpty: () => since().size === 0,
    left: () => {
      editor.off("transaction", follow);
      const rest = since();
      if (rest.size === 0) {
        editor.commands.setContent("", { emitUpdate: false });
        return;
      }
      const { tr } = editor.state;
      tr.replaceWith(0, tr.doc.content.size, rest).setMeta("preventUpdate", true);
      editor.view.dispatch(tr.setSelection(Selection.atEnd(tr.doc)));
    },
    stays: () => {
      editor.off("transaction", follow);
      const at = editor.state.doc.resolve(end);
      if (!at.parent.isTextblock || at.parentOffset === at.parent.content.size) return;
      editor.view.dispatch(editor.state.tr.split(end).setMeta("preventUpdate", true));
    },
  };
}
