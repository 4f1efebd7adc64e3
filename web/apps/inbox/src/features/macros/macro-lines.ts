/** A version of a macro as lines, for reading and for comparing two. */
import type { MacroAction, MacroDraft } from "@/api/macros";
import type { Names } from "@/data/directory";
import { actionWords } from "@/data/macros";
import { htmlLines } from "@/lib/html-lines";
import type { Line } from "@/lib/lines";

export function linesOfMacro(macro: MacroDraft, names: Names): Line[] {
  const line = (part: string, text: string): Line => ({ part, depth: 0, text });
  const of = (part: string, texts: string[], none: string): Line[] =>
    (texts.length ? texts : [none]).map((text) => line(part, text));
  const text = htmlLines(macro.html).map((each) => ({ part: "Text", ...each }));
  return [
    line("Name", macro.name),
    ...(text.length ? text : [line("Text", "None")]),
    ...of(
      "When it is sent",
      macro.actions.map((action) => words(action, names)),
      "Nothing else happens",
    ),
    ...of(
      "Brands",
      macro.brand_ids.map((id) => names.brand(id)?.name ?? id),
      "Every brand",
    ),
    ...of(
      "Teams",
      macro.team_ids.map((id) => names.teamName(id)),
      "Every team",
    ),
  ];
}

/** Read by others than who sends it. */
const words = (action: MacroAction, names: Names): string =>
  action.kind === "agent" && action.value === "me"
    ? "Assign to whoever sends it"
    : actionWords(action, names);
