/** The JSON shapes of macros: texts with {{variables}}, and what happens with their sending. */
import type { Governed } from "./governed";

export type MacroActionKind = "tag" | "untag" | "topic" | "priority" | "team" | "agent" | "close" | "snooze";

/** `value`: the tag, topic, team's id, agent's id or "me", hours to snooze; empty for the others. */
export interface MacroAction {
  kind: MacroActionKind;
  value: string;
}

/** What a person writes of one. `brand_ids`, `team_ids` empty: on every brand, by every team. */
export interface MacroDraft {
  name: string;
  html: string;
  actions: MacroAction[];
  brand_ids: string[];
  team_ids: string[];
}

/** One to write with: one's own, or what is in force of everybody's. */
export interface Macro extends MacroDraft {
  macro_id: string;
  seq: number;
  personal: boolean;
  created_by: string;
  active: boolean;
  /** Of everybody's: which one is in force. */
  version?: number | null;
}

/** One of everybody's, at one version. */
export interface SharedMacro extends MacroDraft, Governed {}

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
