/** The JSON shapes of macros: texts with {{variables}}, and what happens with their sending. */

export type MacroActionKind = "tag" | "untag" | "topic" | "priority" | "team" | "agent" | "close" | "snooze";

/** `value`: the tag, topic, team's id, agent's id or "me", hours to snooze; empty for the others. */
export interface MacroAction {
  kind: MacroActionKind;
  value: string;
}

export interface Macro {
  macro_id: string;
  seq: number;
  name: string;
  html: string;
  actions: MacroAction[];
  brand_ids: string[];
  team_ids: string[];
  personal: boolean;
  created_by: string;
  active: boolean;
  /** Of everybody's: which one is in force. */
  version?: number | null;
}

export interface MacroItem {
  macro: Macro;
  mine_to_change: boolean;
}

export interface Macros {
  items: MacroItem[];
  variables: string[];
}

/** `missing` stand in `html` still: nothing is known for them. */
export interface FilledMacro {
  html: string;
  missing: string[];
  actions: MacroAction[];
}
