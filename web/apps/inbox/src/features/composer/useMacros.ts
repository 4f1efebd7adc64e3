import { useQueryClient } from "@tanstack/react-query";
import type { RefObject } from "react";
import { sentenceOf } from "@/api/client";
import type { MacroAction } from "@/api/macros";
import type { Head } from "@/api/types";
import { fillMacro, macrosQuery } from "@/data/macros";
import type { Choice } from "@/parts/writing/choiceList";
import type { EditorHandle } from "@/parts/writing/Editor";
import { toast } from "@/ui/toast";

interface Macros {
  choices: () => Promise<Choice[]>;
  use: (macroId: string) => void;
}

/** What "/" offers in a reply, and writing with one: its text filled in, its actions for the sending. */
export function useMacros(
  head: Head,
  editor: RefObject<EditorHandle | null>,
  add: (actions: MacroAction[]) => void,
): Macros {
  const client = useQueryClient();
  const choices = async (): Promise<Choice[]> => {
    const { items } = await client.fetchQuery(macrosQuery);
    return items
      .filter(({ macro }) => macro.brand_ids.length === 0 || macro.brand_ids.includes(head.brand_id))
      .map(({ macro }) => ({
        key: macro.macro_id,
        label: macro.name,
        hint: macro.personal ? "Yours" : (macro.actions[0]?.kind ?? ""),
      }));
  };
  const use = (macroId: string): void => {
    fillMacro(head.id, macroId)
      .then(({ html, actions }) => {
        editor.current?.insert(html);
        add(actions);
      })
      .catch((error: unknown) => toast(`No macro. ${sentenceOf(error)}`, undefined, "error"));
  };
  return { choices, use };
}
