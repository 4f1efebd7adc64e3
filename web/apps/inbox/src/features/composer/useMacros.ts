import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { MacroAction } from "@/api/macros";
import type { Head } from "@/api/types";
import { fillMacro, hasText, macrosQuery } from "@/data/macros";
import type { ComposerMode } from "@/lib/desk";
import type { Choice } from "@/parts/writing/choiceList";
import type { EditorHandle } from "@/parts/writing/Editor";
import { toast } from "@/ui/toast";

interface Macros {
  choices: () => Promise<Choice[]>;
  use: (macroId: string) => void;
  /** One is on its way into the box: sent now, the letter would go without it. */
  busy: boolean;
}

/**
 * What "/" offers, and writing with one: its text filled in, its actions for the sending. A note takes the text alone:
 * nothing is sent with it, so nothing is done.
 */
export function useMacros(
  head: Head,
  mode: ComposerMode,
  editor: RefObject<EditorHandle | null>,
  add: (actions: MacroAction[]) => void,
): Macros {
  const isNote = mode === "note";
  const client = useQueryClient();
  const choices = async (): Promise<Choice[]> => {
    // Those that are known are offered at once, or Enter would break the line while they are asked for again.
    const { items } = await client.ensureQueryData({ ...macrosQuery, revalidateIfStale: true });
    return items
      .filter(({ macro }) => macro.brand_ids.length === 0 || macro.brand_ids.includes(head.brand_id))
      .filter(({ macro }) => !isNote || hasText(macro))
      .map(({ macro }) => ({
        key: macro.macro_id,
        label: macro.name,
        hint: macro.personal ? "Yours" : isNote ? "" : (macro.actions[0]?.kind ?? ""),
      }));
  };
  const [filling, setFilling] = useState(0);
  const use = (macroId: string): void => {
    setFilling((now) => now + 1);
    fillMacro(head.id, macroId)
      .then(({ html, actions }) => {
        editor.current?.insert(html);
        if (!isNote) add(actions);
      })
      .catch((error: unknown) => toast(`No macro. ${sentenceOf(error)}`, undefined, "error"))
      .finally(() => setFilling((now) => now - 1));
  };
  return { choices, use, busy: filling > 0 };
}
