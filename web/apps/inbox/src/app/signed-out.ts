import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { onSession } from "@/api/client";

/** A session that ended elsewhere leads to the sign-in page, and back here after it. */
export function useSignedOut(): void {
  const navigate = useNavigate();
  useEffect(
    () =>
      onSession((session) => {
        if (session === null)
          void navigate({
            to: "/sign-in",
            search: { back: window.location.pathname + window.location.search },
          });
      }),
    [navigate],
  );
}
