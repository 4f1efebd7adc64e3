import type { Head } from "@/api/types";
import type { Commands } from "@/data/commands";
import { openPicker, write } from "@/lib/desk";
import { useKeys } from "@/lib/keys";

interface May {
  edit: boolean;
  reply: boolean;
}

/** The keys that act on the open conversation; those that may not be used do nothing. */
export function useConversationKeys(head: Head | undefined, commands: Commands, may: May): void {
  const edits = (act: (head: Head) => void) => (): void => {
    if (head && may.edit) act(head);
  };
  const writes = (mode: "reply" | "note") => (): void => {
    if (head && may.reply) write(mode);
  };
  useKeys({
    e: edits((now) => void (now.status === "closed" ? commands.reopen() : commands.close())),
    s: edits(() => openPicker("snooze")),
    a: edits(() => openPicker("assign")),
    l: edits(() => openPicker("tags")),
    t: edits(() => openPicker("tags")),
    p: edits((now) => void commands.setPriority(!now.priority)),
    "#": edits((now) => void commands.markSpam(!now.spam)),
    r: writes("reply"),
    n: writes("note"),
  });
}
