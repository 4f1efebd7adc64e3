import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Frame } from "@/app/Frame";
import { useGoKeys } from "@/app/go-keys";
import { OfflineBanner } from "@/app/OfflineBanner";
import { Rail } from "@/app/Rail";
import { useSignedOut } from "@/app/signed-out";
import { useMe } from "@/data/directory";
import { ContactDetails } from "@/features/contacts/ContactDetails";
import { ContactList } from "@/features/contacts/ContactList";
import { ContactNav } from "@/features/contacts/ContactNav";
import { ContactView, NoContact } from "@/features/contacts/ContactView";
import { Anywhere } from "@/features/palette/Anywhere";
import { Presence } from "@/features/presence/Presence";
import { useContactPlace } from "@/lib/contact-place";
import { useLive } from "@/live/useLive";

/** The people we talk with: segments, list, one person, and what belongs to them. */
export default function ContactsPage(): ReactNode {
  const place = useContactPlace();
  const navigate = useNavigate();
  const me = useMe();
  const id = place.contactId;
  const openTicket = (ticketId: string): void =>
    void navigate({ to: "/tickets/$view/$ticketId", params: { view: "open", ticketId } });
  useLive(me?.agent.agent_id);
  useGoKeys();
  useSignedOut();
  return (
    <>
      <Frame
        banner={<OfflineBanner />}
        rail={<Rail foot={<Presence onSignedOut={() => void navigate({ to: "/sign-in" })} />} />}
        inboxes={<ContactNav />}
        list={<ContactList />}
        conversation={id ? <ContactView id={id} /> : <NoContact />}
        details={
          id ? (
            <ContactDetails id={id} openConversation={place.openConversation} openTicket={openTicket} />
          ) : null
        }
        inConversation={id !== null}
      />
      <Anywhere />
    </>
  );
}
