import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { onSession } from "@/api/client";
import { Frame } from "@/app/Frame";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useCommands } from "@/data/commands";
import { useMay, useMe } from "@/data/directory";
import { knownRow } from "@/data/patch";
import { conversationQuery } from "@/data/timeline";
import { NewConversation } from "@/features/compose/NewConversation";
import { Composer } from "@/features/composer/Composer";
import { Conversation, NoConversation } from "@/features/conversation/Conversation";
import { useConversationKeys } from "@/features/conversation/useConversationKeys";
import { Details } from "@/features/details/Details";
import { Inboxes } from "@/features/inboxes/Inboxes";
import { ConversationList } from "@/features/list/ConversationList";
import { Help } from "@/features/palette/Help";
import { usePalette } from "@/features/palette/usePalette";
import { Presence } from "@/features/presence/Presence";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { type Place, usePlace } from "@/lib/place";
import { useLive } from "@/live/useLive";

const Palette = lazy(() => import("@/features/palette/Palette"));

/** The desk: puts the features side by side and joins them by the address. */
export function InboxPage(): ReactNode {
  const place = usePlace();
  const navigate = useNavigate();
  const me = useMe();
  const mayReply = useMay("conversations.reply");
  const palette = usePalette();
  const id = place.conversationId;
  const head = useHead(id);
  useLive(me?.agent.agent_id);
  useSignedOut(() => void navigate({ to: "/sign-in", search: { back: window.location.pathname } }));
  useConversationKeys(head, useCommands(id ?? ""), { edit: useMay("conversations.edit"), reply: mayReply });
  useDeskKeys(place, mayReply);
  return (
    <>
      <Frame
        banner={<OfflineBanner />}
        rail={
          <Rail
            goInbox={() => place.goInbox("mine")}
            foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />}
          />
        }
        inboxes={<Inboxes onSearch={palette.open} />}
        list={<ConversationList />}
        conversation={
          id ? <Conversation id={id} composer={head && <Composer head={head} />} /> : <NoConversation />
        }
        details={head && <Details head={head} />}
        inConversation={id !== null}
      />
      <NewConversation onStarted={(started) => place.open(started.id)} />
      <Help />
      <Suspense>{palette.wanted && <Palette head={head} />}</Suspense>
    </>
  );
}

function useHead(id: string | null): ReturnType<typeof knownRowHead> {
  const client = useQueryClient();
  const { data } = useQuery({
    ...conversationQuery(id ?? ""),
    enabled: id !== null,
    placeholderData: () => (id ? knownRow(client, id) : undefined),
  });
  return id ? knownRowHead(data) : undefined;
}

const knownRowHead = (row: ReturnType<typeof knownRow>) => row?.head;

/** Keys that act on the desk as a whole. */
function useDeskKeys(place: Place, mayReply: boolean): void {
  useKeys({
    "?": () => desk.set({ help: true }),
    c: () => mayReply && desk.set({ newConversation: true }),
    "g i": () => place.goInbox("mine"),
    "g m": () => place.goInbox("mentions"),
    "g a": () => place.goInbox("all"),
    "g u": () => place.goInbox("unassigned"),
  });
}

/** A session that ended elsewhere leads to the sign-in page, and back here after it. */
function useSignedOut(act: () => void): void {
  useEffect(() => onSession((session) => session === null && act()));
}
