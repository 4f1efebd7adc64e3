import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { NewPassword } from "@/features/session/NewPassword";

/** Where invitations and links for a new password lead; the token leaves the address at once. */
export default function LinkPage(): ReactNode {
  const { history } = useRouter();
  const [token] = useState(() => window.location.hash.slice(1));
  useEffect(() => window.history.replaceState(window.history.state, "", window.location.pathname), []);
  return <NewPassword token={token} onDone={() => history.push("/")} />;
}
