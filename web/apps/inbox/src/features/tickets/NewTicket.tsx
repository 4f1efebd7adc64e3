import { Modal } from "@mantine/core";
import { type ReactNode, Suspense } from "react";
import { desk } from "@/lib/desk";
import { lazy } from "@/lib/lazy";
import { useStore } from "@/lib/store";
import { useNarrow } from "@/lib/useNarrow";
import type { NewTicketProps } from "./NewTicketForm";

const NewTicketForm = lazy(() => import("./NewTicketForm"));

/** A new back-office ticket or tracker, with what is known filled in. */
export function NewTicket({ head, open }: NewTicketProps): ReactNode {
  const wanted = useStore(desk, (state) => state.newTicket);
  const narrow = useNarrow();
  const close = (): void => desk.set({ newTicket: null });
  return (
    <Modal
      opened={wanted !== null}
      onClose={close}
      title="New ticket"
      size={560}
      fullScreen={narrow === true}
    >
      <Suspense>
        {wanted && (wanted.conversationId === null || wanted.conversationId === head?.id) && (
          <NewTicketForm
            key={wanted.conversationId}
            head={wanted.conversationId === null ? undefined : head}
            typeId={wanted.typeId}
            close={close}
            open={open}
          />
        )}
      </Suspense>
    </Modal>
  );
}
