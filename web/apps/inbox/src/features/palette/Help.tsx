import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { desk } from "@/lib/desk";
import { followedKeys } from "@/lib/keys";
import { workingShortcuts } from "@/lib/shortcuts";
import { useStore } from "@/lib/store";
import { Keys } from "@/ui/Quiet";
import classes from "./Help.module.css";

/** Every shortcut that works on this page, on "?". */
export function Help(): ReactNode {
  const opened = useStore(desk, (state) => state.help);
  const shown = opened ? workingShortcuts(followedKeys()) : [];
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
        {shown.map((group) => (
          <section key={group.name}>
            <h3>{group.name}</h3>
            <dl>
              {group.keys.map(({ caps, what }) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    <Keys keys={caps} />
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
