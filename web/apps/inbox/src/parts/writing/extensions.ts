import Image from "@tiptap/extension-image";
import Mention from "@tiptap/extension-mention";
import Placeholder from "@tiptap/extension-placeholder";
import type { Extensions } from "@tiptap/react";
import StarterKit from "@tiptap/starter-kit";
import type { Agent } from "@/api/types";
import { mentionList } from "./mentionList";

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

/** What the box can hold: what mail can show, no more. */
export function extensionsFor(placeholder: string, people: () => Agent[]): Extensions {
  return [
    StarterKit.configure({
      heading: false,
      horizontalRule: false,
      link: { openOnClick: false, autolink: true },
    }),
    Placeholder.configure({ placeholder }),
    InlineImage.configure({ inline: true }),
    Mention.configure({
      HTMLAttributes: { class: "mention" },
      suggestion: mentionList(people),
      renderText: ({ node }) => `@${node.attrs.label}`,
    }),
  ];
}
