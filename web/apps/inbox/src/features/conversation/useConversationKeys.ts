import type { Head } from "@/api/types";
import type { Commands } from "@/data/commands";
import { openPicker, write } from "@/lib/desk";
import { type KeyMap, useKeys } from "@/lib/keys";
import type { PageKey } from "@/lib/shortcuts";

interface May {
  edit: boolean;
  reply: boolean;
}

const EDITS: readonly PageKey[] = ["e", "s", "a", "l", "t", "p", "#"];
const WRITES: readonly PageKey[] = ["r", "n"];

/** The keys that act on the open conversation; those that may not be used are left to others. */
export function useConversationKeys(head: Head | undefined, commands: Commands, may: May): void {
  const edits: KeyMap = {
    e: () => void commands.toggleClosed(),
    s: () => openPicker("snooze"),
    a: () => openPicker("assign"),
    l: () => openPicker("tags"),
    t: () => openPicker("tags"),
    p: () => void commands.togglePriority(),
    "#": () => void commands.toggleSpam(),
  };
  const writes = (now: Head): KeyMap => ({ r: () => write("reply", now.id), n: () => write("note", now.id) });
  // In the help before one is open, too.
  const then: PageKey[] = ["conversation", ...(may.edit ? EDITS : []), ...(may.reply ? WRITES : [])];
  useKeys({ ...(head && may.edit && edits), ...(head && may.reply && writes(head)) }, then);
}
