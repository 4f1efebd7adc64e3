import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { desk } from "@/lib/desk";
import { useStore } from "@/lib/store";
import { Keys } from "@/ui/Quiet";
import classes from "./Help.module.css";

const SHORTCUTS: readonly { name: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    name: "Moving",
    keys: [
      ["J", "Next conversation"],
      ["K", "Previous conversation"],
      ["G I", "Your inbox"],
      ["G M", "Mentions"],
      ["G A", "All"],
      ["G U", "Unassigned"],
      ["Ctrl K", "Do or find anything"],
      ["?", "These shortcuts"],
    ],
  },
  {
    name: "This conversation",
    keys: [
      ["R", "Reply"],
      ["N", "Note"],
      ["E", "Close or reopen"],
      ["S", "Snooze"],
      ["A", "Assign"],
      ["P", "Priority"],
      ["T", "Tag (L too)"],
      ["#", "Spam"],
    ],
  },
  {
    name: "Writing",
    keys: [
      ["C", "New conversation"],
      ["Ctrl Enter", "Send"],
      ["Ctrl Shift Enter", "Send and close"],
      ["@", "Mention a colleague in a note"],
      ["Esc", "Leave the box"],
    ],
  },
];

/** Every shortcut, on "?". */
export function Help(): ReactNode {
  const opened = useStore(desk, (state) => state.help);
  return (
    <Modal
      opened={opened}
      onClose={() => desk.set({ help: false })}
      title="Keyboard shortcuts"
      size={720}
      centered
      classNames={{ title: classes.title ?? "" }}
    >
      <div className={classes.groups}>
        {SHORTCUTS.map((group) => (
          <section key={group.name}>
            <h3>{group.name}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={keys}>
                  <dt>{what}</dt>
                  <dd>
                    <Keys keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
