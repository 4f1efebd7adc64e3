import { useNavigate } from "@tanstack/react-router";
import { useMay } from "@/data/directory";
import { desk } from "@/lib/desk";
import { useKeys } from "@/lib/keys";

/** The keys that lead from any page to another, and to the help. */
export function useGoKeys(): void {
  const navigate = useNavigate();
  const mayContacts = useMay("contacts.read");
  const mayTickets = useMay("tickets.read");
  const mayDashboard = useMay("dashboard.read");
  const mayRead = useMay("conversations.read");
  const inbox = (name: string) => (): void => void navigate({ to: "/inbox/$inbox", params: { inbox: name } });
  useKeys({
    "?": () => desk.set({ help: true }),
    ...(mayRead && {
      "g i": inbox("mine"),
      "g m": inbox("mentions"),
      "g a": inbox("all"),
      "g u": inbox("unassigned"),
    }),
    ...(mayTickets && { "g t": () => void navigate({ to: "/tickets/$view", params: { view: "open" } }) }),
    ...(mayContacts && {
      "g c": () => void navigate({ to: "/contacts/$segment", params: { segment: "all" } }),
    }),
    ...(mayDashboard && { "g d": () => void navigate({ to: "/dashboard" }) }),
  });
}
