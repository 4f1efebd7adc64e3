import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, Suspense, useState } from "react";
import { sentenceOf } from "@/api/client";
import type { View } from "@/api/lists";
import type { ListFilter } from "@/data/membership";
import { changeView } from "@/data/views";
import { lazy } from "@/lib/lazy";
import { usePlace } from "@/lib/place";
import { useStill } from "@/lib/useStill";
import { TextButton } from "@/ui/Quiet";
import { toast } from "@/ui/toast";

const Form = lazy(() => import("./ViewForm"));

/** Keep what the list shows under a name; of a view of one's own, also as what it shows from now on. */
export function SaveView({ filter, view }: { filter: ListFilter; view: View | undefined }): ReactNode {
  const client = useQueryClient();
  const place = usePlace();
  const still = useStill();
  const [opened, setOpened] = useState(false);
  const update = async (own: View): Promise<void> => {
    const { sort, ...narrowed } = filter;
    const isHere = still();
    try {
      await changeView(client, own.id, { filter: narrowed, sort });
      if (isHere()) place.unfilter();
      toast(`Saved “${own.name}”`);
    } catch (error) {
      toast(`Not saved. ${sentenceOf(error)}`, undefined, "error");
    }
  };
  return (
    <>
      {view?.mine && <TextButton onClick={() => void update(view)}>Save</TextButton>}
      <TextButton onClick={() => setOpened(true)}>Save as view…</TextButton>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Save as a view" centered size={380}>
        <Suspense>{opened && <Form filter={filter} close={() => setOpened(false)} />}</Suspense>
      </Modal>
    </>
  );
}
