import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import type { Head } from "@/api/types";
import { Frame } from "@/app/Frame";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useSignedOut } from "@/app/signed-out";
import { useCommands } from "@/data/commands";
import { directoryQuery, useMay, useMe } from "@/data/directory";
import { knownRow } from "@/data/patch";
import { conversationQuery } from "@/data/timeline";
import { Composer } from "@/features/composer/Composer";
import { Conversation, NoConversation } from "@/features/conversation/Conversation";
import { useConversationKeys } from "@/features/conversation/useConversationKeys";
import type { PanelApp } from "@/features/details/Apps";
import { Details } from "@/features/details/Details";
import { Inboxes } from "@/features/inboxes/Inboxes";
import { Lead, Recent } from "@/features/lead/Lead";
import { Links } from "@/features/links/Links";
import { ConversationList } from "@/features/list/ConversationList";
import { Anywhere } from "@/features/palette/Anywhere";
import { openPalette } from "@/features/palette/usePalette";
import { Presence } from "@/features/presence/Presence";
import { NewTicket } from "@/features/tickets/NewTicket";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { lazy } from "@/lib/lazy";
import { type Place, usePlace } from "@/lib/place";
import { anyChosen, selection } from "@/lib/selection";
import { useStore } from "@/lib/store";
import { useLive } from "@/live/useLive";

const Calls = lazy(() => import("@/features/phone/Calls"));
const NewCall = lazy(() => import("@/features/phone/NewCall"));
const NewConversation = lazy(() => import("@/features/compose/NewConversation"));
const MergeDialog = lazy(() => import("@/features/merge/MergeDialog"));
const SidePane = lazy(() => import("@/features/sides/SidePane"));
const Sides = lazy(() => import("@/features/sides/Sides"));
const Viewers = lazy(() => import("@/features/viewers/Viewers"));
const Outbox = lazy(() => import("@/features/composer/Outbox"));
const Search = lazy(() => import("@/features/search/Search"));
const OutsideApp = lazy(() => import("@/features/apps/OutsideApp"));
const ProductActivity = lazy(() => import("@/parts/contact/ProductActivity"));
const SlaCard = lazy(() => import("@/features/sla/SlaCard"));

/** The desk: puts the features side by side and joins them by the address. */
export function InboxPage(): ReactNode {
  const place = usePlace();
  const navigate = useNavigate();
  const me = useMe();
  const mayReply = useMay("conversations.reply");
  const mayContacts = useMay("contacts.read");
  const mayTicket = useMay("tickets.write");
  const id = place.conversationId;
  const head = useHead(id);
  useLive(me?.agent.agent_id);
  useSignedOut();
  const outside = useOutsideApps(head);
  const composes = useEver(useStore(desk, (state) => state.newConversation));
  const calling = useStore(desk, (state) => state.newCall);
  const side = useStore(desk, (state) => state.side);
  const merging = useStore(desk, (state) => state.merging);
  const mayMerge = useMay("conversations.merge");
  useMergedAway(head, place);
  const searching = place.search.find !== undefined;
  const choosing = useStore(selection, anyChosen);
  const mayEdit = useMay("conversations.edit");
  // While several are chosen, the keys act on those.
  useConversationKeys(head, useCommands(id ?? ""), { edit: mayEdit && !choosing, reply: mayReply });
  const openTicket = (ticketId: string): void =>
    void navigate({ to: "/tickets/$view/$ticketId", params: { view: "open", ticketId } });
  const openContact = (contactId: string): void =>
    void navigate({ to: "/contacts/$segment/$contactId", params: { segment: "all", contactId } });
  useGoKeys();
  useKeys({
    // While it is open the search itself follows the key.
    ...(!searching && { "/": () => place.filter({ find: "" }) }),
    ...(mayReply && { c: () => desk.set({ newConversation: true }) }),
    ...(mayTicket && { i: () => desk.set({ newTicket: { conversationId: id, typeId: null } }) }),
  });
  return (
    <>
      <Frame
        banner={<OfflineBanner />}
        rail={<Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />}
        inboxes={
          <Inboxes
            onGo={openPalette}
            onSearch={() => {
              desk.set({ inboxesDrawer: false });
              place.filter({ find: "" });
            }}
          />
        }
        list={
          searching ? (
            <Suspense>
              <Search openContact={openContact} />
            </Suspense>
          ) : (
            <ConversationList />
          )
        }
        conversation={
          id ? (
            <Conversation
              id={id}
              instead={
                head &&
                side?.conversationId === head.id && (
                  <Suspense fallback={<div />}>
                    <SidePane key={side.sideId ?? "new"} head={head} sideId={side.sideId} />
                  </Suspense>
                )
              }
              composer={
                head && (
                  <>
                    <Suspense>
                      <Viewers key={head.id} id={head.id} />
                    </Suspense>
                    <Composer head={head} />
                  </>
                )
              }
            />
          ) : (
            <NoConversation />
          )
        }
        details={
          head && (
            <Details
              head={head}
              apps={[...panelApps(head, mayContacts, openContact, openTicket, place.open), ...outside]}
            />
          )
        }
        inConversation={id !== null}
        wideList={useStore(desk, (state) => state.listStyle) === "table" && !searching}
      />
      <Suspense>{composes && <NewConversation onStarted={(started) => place.open(started.id)} />}</Suspense>
      <Suspense>{calling && <NewCall onStarted={(started) => place.open(started.id)} />}</Suspense>
      <NewTicket head={head} open={(made) => openTicket(made.id)} />
      <Suspense>{merging && head && mayMerge && <MergeDialog head={head} open={place.open} />}</Suspense>
      <Anywhere head={head} />
      <Suspense>{mayReply && <Outbox open={place.open} />}</Suspense>
    </>
  );
}

/** Those that integrators registered, of the conversation's brand. */
function useOutsideApps(head: Head | undefined): PanelApp[] {
  const { data } = useQuery(directoryQuery);
  if (!head) return [];
  const shown = (data?.apps ?? []).filter(
    (app) => app.active && (app.brand_ids.length === 0 || app.brand_ids.includes(head.brand_id)),
  );
  return shown.map((app) => ({
    id: `app:${app.app_id}`,
    name: app.name,
    content: <OutsideApp app={app} head={head} />,
  }));
}

type Open = (id: string) => void;

/** The cards beside a conversation, in their usual order. */
function panelApps(
  head: Head,
  contacts: boolean,
  openContact: Open,
  openTicket: Open,
  open: Open,
): PanelApp[] {
  const called = head.dial || head.call_attempts > 0 || head.channel === "phone";
  const people: PanelApp[] = [
    { id: "lead", name: "Lead data", content: <Lead head={head} openContact={openContact} /> },
    { id: "recent", name: "Recent conversations", content: <Recent head={head} open={open} /> },
    { id: "activity", name: "In the product", content: <ProductActivity contactId={head.contact_id} /> },
  ];
  return [
    { id: "calls", name: "Calls", content: called ? <Calls head={head} /> : null },
    { id: "sla", name: "Service level", content: head.sla?.length ? <SlaCard head={head} /> : null },
    ...(contacts ? people : []),
    { id: "sides", name: "Side conversations", content: <Sides head={head} /> },
    {
      id: "links",
      name: "Links",
      content: <Links head={head} openTicket={openTicket} openConversation={open} />,
    },
  ];
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

/** The address of a conversation that was merged leads to the one that it is part of. */
function useMergedAway(head: Head | undefined, place: Place): void {
  const into = head?.merged_into;
  const open = useRef(place.replace);
  open.current = place.replace;
  useEffect(() => {
    if (into) open.current(into);
  }, [into]);
}

/** Whether it was so once: what opens late is kept from then on. */
function useEver(now: boolean): boolean {
  const ever = useRef(false);
  ever.current ||= now;
  return ever.current;
}
