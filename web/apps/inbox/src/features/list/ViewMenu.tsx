import { Button, Menu, Modal, TextInput } from "@mantine/core";
import { IconDots, IconPencil, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { View } from "@/api/lists";
import { useMe, useNames } from "@/data/directory";
import { addView, changeView, deleteView } from "@/data/views";
import { usePlace } from "@/lib/place";
import { useStill } from "@/lib/useStill";
import { IconButton } from "@/ui/Quiet";
import { toast, undo } from "@/ui/toast";
import classes from "./ConversationList.module.css";

/** Rename, share or delete a view of one's own. */
export default function ViewMenu({ view }: { view: View }): ReactNode {
  const client = useQueryClient();
  const place = usePlace();
  const still = useStill();
  const names = useNames();
  const teamIds = useMe()?.agent.team_ids ?? [];
  const [renaming, setRenaming] = useState(false);
  const tried = async (act: Promise<unknown>, said: string): Promise<void> => {
    try {
      await act;
      toast(said);
    } catch (error) {
      toast(sentenceOf(error), undefined, "error");
    }
  };
  const share = (team: string | null): void => {
    const said = team ? `${names.teamName(team)} has this view too` : "Only you have this view";
    void tried(changeView(client, view.id, { team_id: team }), said);
  };
  const remove = async (): Promise<void> => {
    const { id: _, mine: __, ...again } = view;
    const isHere = still();
    try {
      await deleteView(client, view.id);
      if (isHere()) place.goInbox("mine");
      const back = async (): Promise<void> => {
        const made = await addView(client, again, crypto.randomUUID());
        place.goInbox(`view:${made.id}`);
      };
      toast(`Deleted “${view.name}”`, undo(back));
    } catch (error) {
      toast(`Not deleted. ${sentenceOf(error)}`, undefined, "error");
    }
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <IconButton label="This view" className={classes.viewMenu}>
            <IconDots size={16} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setRenaming(true)}>
            Rename
          </Menu.Item>
          {view.team_id ? (
            <Menu.Item leftSection={<IconUsers size={15} />} onClick={() => share(null)}>
              Stop sharing with {names.teamName(view.team_id)}
            </Menu.Item>
          ) : (
            teamIds.map((id) => (
              <Menu.Item key={id} leftSection={<IconUsers size={15} />} onClick={() => share(id)}>
                Share with {names.teamName(id)}
              </Menu.Item>
            ))
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => void remove()}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={renaming} onClose={() => setRenaming(false)} title="Rename the view" centered size={360}>
        {renaming && (
          <Rename
            name={view.name}
            save={async (name) => {
              await changeView(client, view.id, { name });
              setRenaming(false);
            }}
          />
        )}
      </Modal>
    </>
  );
}

function Rename({ name, save }: { name: string; save: (name: string) => Promise<void> }): ReactNode {
  const [words, setWords] = useState(name);
  const [refused, setRefused] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!words.trim()) setRefused("Give it a name.");
    else save(words.trim()).catch((error: unknown) => setRefused(sentenceOf(error)));
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label="Name"
        data-autofocus
        maxLength={80}
        value={words}
        error={refused || undefined}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <Button type="submit" mt={14}>
        Rename
      </Button>
    </form>
  );
}
