/** What stands in the list of macros: one's own, and everybody's as far as one may know of them. Pure. */
import type { Standing } from "@/api/governed";
import type { MacroDraft, MacroItem, SharedMacro } from "@/api/macros";

export interface Row extends Pick<MacroDraft, "name" | "actions" | "brand_ids"> {
  id: string;
  personal: boolean;
  /** Of everybody's, for who writes or reviews them. */
  standing: Standing | null;
}

/** By name. `shared`: every one with its latest version; null: those in force are all that the agent is shown. */
export function rowsOf(items: readonly MacroItem[], shared: readonly SharedMacro[] | null): Row[] {
  const usable = items
    .filter(({ macro }) => macro.personal || shared === null)
    .map(({ macro }): Row => ({ ...macro, id: macro.macro_id, standing: null }));
  const governed = (shared ?? []).map((one): Row => ({ ...one, personal: false }));
  return [...usable, ...governed].toSorted((a, b) => a.name.localeCompare(b.name));
}
