/** The tools of a text, in their usual order, and what each is called where they are arranged. */
export const TOOLS = {
  attach: "Attach files",
  emoji: "Emoji",
  macros: "Macros",
  bold: "Bold",
  italic: "Italic",
  link: "Link",
  bullets: "Bullet list",
  numbers: "Numbered list",
  quote: "Quote",
  code: "Code",
} as const;

export type ToolName = keyof typeof TOOLS;
