import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Frame } from "@/app/Frame";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useSignedOut } from "@/app/signed-out";
import { useMay, useMe } from "@/data/directory";
import { ticketQuery } from "@/data/tickets";
import { Anywhere } from "@/features/palette/Anywhere";
import { Presence } from "@/features/presence/Presence";
import { NewTicket } from "@/features/tickets/NewTicket";
import { TicketDetails } from "@/features/tickets/TicketDetails";
import { TicketList } from "@/features/tickets/TicketList";
import { TicketNav } from "@/features/tickets/TicketNav";
import { NoTicket, TicketView } from "@/features/tickets/TicketView";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { useTicketPlace } from "@/lib/ticket-place";
import { useLive } from "@/live/useLive";

/** The ticket inbox: views, list, one ticket and its form. */
export default function TicketsPage(): ReactNode {
  const place = useTicketPlace();
  const navigate = useNavigate();
  const me = useMe();
  const mayWrite = useMay("tickets.write");
  const id = place.ticketId;
  const { data: ticket } = useQuery({ ...ticketQuery(id ?? ""), enabled: id !== null });
  useLive(me?.agent.agent_id);
  useGoKeys();
  useSignedOut();
  useKeys({
    ...(mayWrite && { i: () => desk.set({ newTicket: { conversationId: null, typeId: null } }) }),
  });
  return (
    <>
      <Frame
        banner={<OfflineBanner />}
        rail={<Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />}
        inboxes={<TicketNav />}
        list={<TicketList />}
        conversation={id ? <TicketView id={id} /> : <NoTicket />}
        details={
          ticket && id ? <TicketDetails ticket={ticket} openConversation={place.openConversation} /> : null
        }
        inConversation={id !== null}
      />
      <NewTicket open={(made) => place.open(made.id)} />
      <Anywhere />
    </>
  );
}
