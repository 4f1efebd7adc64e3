import {
  IconAddressBook,
  IconBolt,
  IconGauge,
  IconInbox,
  IconKeyboard,
  IconSettings,
  IconTicket,
} from "@tabler/icons-react";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";
import { useMay } from "@/data/directory";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";
import { lazy } from "@/lib/lazy";
import { IconButton } from "@/ui/Quiet";
import classes from "./Rail.module.css";

const Bell = lazy(() => import("@/features/notices/Bell"));

/** The narrow column at the very left: what the desk has, and oneself at its foot. */
export function Rail({ foot }: { foot: ReactNode }): ReactNode {
  const navigate = useNavigate();
  const settings = (): void => void navigate({ to: "/settings" });
  useKeys({ "g ,": settings });
  const mayRead = useMay("conversations.read");
  const mayContacts = useMay("contacts.read");
  const mayTickets = useMay("tickets.read");
  const mayReply = useMay("conversations.reply");
  const mayDashboard = useMay("dashboard.read");
  return (
    <nav className={classes.rail} aria-label="Desk">
      <img src="/icon.svg" alt="Switchboard" width={26} height={26} className={classes.mark} />
      {mayRead && (
        <Place
          label="Inbox"
          keys="G I"
          at="/inbox/"
          go={() => void navigate({ to: "/inbox/$inbox", params: { inbox: "mine" } })}
        >
          <IconInbox size={19} />
        </Place>
      )}
      {mayContacts && (
        <Place
          label="Contacts"
          keys="G C"
          at="/contacts/"
          go={() => void navigate({ to: "/contacts/$segment", params: { segment: "all" } })}
        >
          <IconAddressBook size={19} />
        </Place>
      )}
      {mayTickets && (
        <Place
          label="Tickets"
          keys="G T"
          at="/tickets/"
          go={() => void navigate({ to: "/tickets/$view", params: { view: "open" } })}
        >
          <IconTicket size={19} />
        </Place>
      )}
      {mayReply && (
        <Place label="Macros" keys="" at="/macros" go={() => void navigate({ to: "/macros" })}>
          <IconBolt size={19} />
        </Place>
      )}
      {mayDashboard && (
        <Place label="Dashboard" keys="G D" at="/dashboard" go={() => void navigate({ to: "/dashboard" })}>
          <IconGauge size={19} />
        </Place>
      )}
      <span className={classes.space} />
      <Suspense fallback={<span className={classes.waits} />}>
        <Bell />
      </Suspense>
      <Place label="Settings" keys="G ," at="/settings" go={settings}>
        <IconSettings size={19} />
      </Place>
      <IconButton label="Keyboard shortcuts" keys="?" onClick={() => desk.set({ help: true })}>
        <IconKeyboard size={19} />
      </IconButton>
      {foot}
    </nav>
  );
}

interface PlaceProps {
  label: string;
  keys: string;
  at: string;
  go: () => void;
  children: ReactNode;
}

function Place({ label, keys, at, go, children }: PlaceProps): ReactNode {
  const here = useLocation({ select: (location) => location.pathname.startsWith(at) });
  return (
    <IconButton label={label} keys={keys} active={here} aria-current={here ? "page" : undefined} onClick={go}>
      {children}
    </IconButton>
  );
}
